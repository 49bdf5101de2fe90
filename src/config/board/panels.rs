//! A board's `[display.spi]` and `[display.i2c]`: small panels on the pin header.

use toml::Spanned;

use super::super::problem::Problem;
use super::super::table::{Field, Table};
use super::display::{Found, night, rotation, size_mm};
use super::pins::Pin;
use super::{pair, sides};
use crate::rules::board::{Colours, Display, Driver, I2cDisplay, I2cModel, Output, Size, SpiDisplay, SpiModel};

/// As messages call the table.
const TABLE: &str = "display";
/// As fast as most panels go on short wires.
const MHZ: u32 = 32;
/// Bright enough for a dock; the darker an OLED, the longer it lives.
const BRIGHTNESS: u32 = 60;

pub fn spi(table: &mut Table<'_>) -> Option<Found> {
    let models = [SpiModel::Ili9341, SpiModel::St7789, SpiModel::St7735].map(|model| (model.name(), model));
    let model = table.need("model", "\"ili9341\"").and_then(|field| field.word(&models));
    let bus = number(table.need("bus", "0"), 0..=6, "for `/dev/spidevBUS.SELECT`");
    let select = number(table.need("select", "0"), 0..=2, "for `/dev/spidevBUS.SELECT`");
    let mhz = table.may("mhz", "32").map_or(Some(MHZ), |field| Some(field.number(1..=80, "MHz")?.into_inner()));
    let dc = table.need("dc", "25").and_then(|field| pin(&field, "dc"));
    let reset = table.may("reset", "24").map_or(Some(None), |field| pin(&field, "reset").map(Some));
    let backlight = table.may("backlight", "18").map_or(Some(None), |field| pin(&field, "backlight").map(Some));
    let panel = sides(table, "240", "320");
    let offset = table.may("offset", "[0, 0]");
    let offset = offset.map_or(Some((0, 0)), |field| pair(&field, "columns and rows", (0..=319, 0..=319), "pixels"));
    let rotation = rotation(table);
    let mut flag = |name, usual: bool| table.may(name, "true").map_or(Some(usual), |field| field.flag());
    let invert = flag("invert", model == Some(SpiModel::St7789));
    let bgr = flag("bgr", model == Some(SpiModel::Ili9341));
    let night_field = table.may("night", "{ from = \"22:00\", to = \"05:00\" }");
    let night = night_field.as_ref().map_or(Some(None), |field| night(field).map(Some));
    if let (Some(field), Some(None)) = (&night_field, &backlight) {
        field.add("`night` needs a pin that switches the backlight", "add `backlight = 18`, or remove `night`");
    }
    let own = panel.as_ref().map(|(width, height)| Size { width: *width.get_ref(), height: *height.get_ref() });
    let picture = own.zip(rotation).map(|(own, rotation)| rotation.picture(own));
    let size_mm = size_mm(table, picture);
    if let (Some(model), Some(panel), Some(offset)) = (model, &panel, offset) {
        fits(model, panel, offset, table);
    }
    let (bus, select, dc, reset, backlight) = (bus?, select?, dc?, reset?, backlight?);
    let output = SpiDisplay {
        model: model?,
        bus: *bus.get_ref(),
        select: *select.get_ref(),
        mhz: mhz?,
        dc: dc.0,
        reset: reset.as_ref().map(|(number, _)| *number),
        backlight: backlight.as_ref().map(|(number, _)| *number),
        panel: own?,
        offset: offset?,
        rotation: rotation?,
        invert: invert?,
        bgr: bgr?,
        night: night?,
    };
    let mut pins: Vec<Pin> = [Some(dc), reset, backlight].into_iter().flatten().map(|(_, pin)| pin).collect();
    pins.extend(output.bus_pins().into_iter().map(|(what, number)| {
        let (name, place) = if what == SpiDisplay::SELECT { ("select", &select) } else { ("bus", &bus) };
        Pin::of_bus(number, TABLE, name, place.span())
    }));
    let output = Output::Spi(output);
    Some((Display { output, size: picture?, colours: Colours::Full, size_mm: size_mm.ok()? }, None, pins))
}

/// The controller's memory has room for the panel.
fn fits(model: SpiModel, (width, height): &(Spanned<u32>, Spanned<u32>), offset: (u32, u32), table: &Table<'_>) {
    let memory = model.memory();
    let (across, down) = (*width.get_ref(), *height.get_ref());
    if across + offset.0 <= memory.width && down + offset.1 <= memory.height {
        return;
    }
    let at = if offset == (0, 0) { String::new() } else { format!(" at {}, {}", offset.0, offset.1) };
    let name = model.name();
    let title = format!("the `{name}` has {}×{} pixels, and {across}×{down}{at} are more", memory.width, memory.height);
    let help = if down <= memory.width && across <= memory.height {
        format!(
            "give the panel's own sides, `width = {down}` and `height = {across}`; `rotation = 90` turns the picture"
        )
    } else {
        "take `width`, `height` and `offset` from the description of the panel".to_owned()
    };
    table.problems().add(Problem::new(title, help).at(width.span(), "").at(height.span(), ""));
}

pub fn i2c(table: &mut Table<'_>) -> Option<Found> {
    let models = [I2cModel::Ssd1306, I2cModel::Sh1106].map(|model| (model.name(), model));
    let model = table.need("model", "\"ssd1306\"").and_then(|field| field.word(&models));
    let bus = number(table.need("bus", "1"), 0..=22, "for `/dev/i2c-BUS`");
    let help = "write `0x3c` or `0x3d`; on the panel there is often twice that, `0x78` or `0x7A`";
    let address = table.need("address", "0x3c").and_then(|field| field.one_of(&[(0x3c, 0x3c), (0x3d, 0x3d)], help));
    let rotation = rotation(table);
    for side in ["width", "height"] {
        table.never(side, "remove it; panels of 128×64 are the ones that are known");
    }
    let brightness = table.may("brightness", "60");
    let brightness = brightness.map_or(Some(BRIGHTNESS), |field| Some(field.number(1..=100, "per cent")?.into_inner()));
    let night = table.may("night", "{ from = \"22:00\", to = \"05:00\" }");
    let night = night.map_or(Some(None), |field| super::display::night(&field).map(Some));
    let picture = rotation.map(|rotation| rotation.picture(I2cDisplay::PANEL));
    let size_mm = size_mm(table, picture);
    let bus = bus?;
    let output = I2cDisplay {
        model: model?,
        bus: *bus.get_ref(),
        address: address?,
        rotation: rotation?,
        brightness: brightness?,
        night: night?,
    };
    let pins = output.bus_pins().into_iter().map(|(_, number)| Pin::of_bus(number, TABLE, "bus", bus.span())).collect();
    let output = Output::I2c(output);
    Some((Display { output, size: picture?, colours: Colours::Mono, size_mm: size_mm.ok()? }, None, pins))
}

/// A pin of the header, by its BCM number.
fn pin(field: &Field<'_>, name: &'static str) -> Option<(u8, Pin)> {
    let pin = Pin::read(field, TABLE, name, Some(&Driver::Rppal))?;
    Some((u8::try_from(pin.number()).ok()?, pin))
}

/// A small number of the system.
fn number(field: Option<Field<'_>>, range: std::ops::RangeInclusive<u32>, unit: &str) -> Option<Spanned<u8>> {
    let number = field?.number(range, unit)?;
    let span = number.span();
    Some(Spanned::new(span, u8::try_from(number.into_inner()).ok()?))
}
