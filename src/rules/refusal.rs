//! Refusals in words: a stable slug for journals, and a sentence for the person at the dock.

use super::code::Refusal;
use super::text::Text;

impl Refusal {
    /// Every refusal, in the order in which the checks are made.
    pub const ALL: [Self; 12] = [
        Self::StemLength,
        Self::StemRange,
        Self::Version,
        Self::Header,
        Self::Gtin,
        Self::Element,
        Self::Expiry,
        Self::Scope,
        Self::Address,
        Self::KeyUnknown,
        Self::KeyCutOff,
        Self::Signature,
    ];

    /// The stable name, as serde writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::StemLength => "stem-length",
            Self::StemRange => "stem-range",
            Self::Version => "version",
            Self::Header => "header",
            Self::Gtin => "gtin",
            Self::Element => "element",
            Self::Expiry => "expiry",
            Self::Scope => "scope",
            Self::Address => "address",
            Self::KeyUnknown => "key-unknown",
            Self::KeyCutOff => "key-cut-off",
            Self::Signature => "signature",
        }
    }

    /// One short sentence that fits a line of the screen.
    #[must_use]
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::StemLength | Self::StemRange => ("标签码不完整", "The label's code is not complete"),
            Self::Version => ("标签版本过新，本机不识别", "Label is of a version unknown here"),
            Self::Header => ("标签码内容有误", "The label's code makes no sense"),
            Self::Gtin => ("商品条码有误", "The product number is wrong"),
            Self::Element => ("批号或序列号有误", "The lot or serial number is wrong"),
            Self::Expiry => ("有效期不是日期", "The expiry is not a date"),
            Self::Scope => ("标签内容不齐或多余", "The label's contents do not fit it"),
            Self::Address => ("标签网址格式有误", "The label's address is wrong"),
            Self::KeyUnknown => ("签发密钥未知", "The label's signer is not known"),
            Self::KeyCutOff => ("签发密钥已停用", "The label's signer was cut off"),
            Self::Signature => ("签名与标签不符", "The signature does not fit the label"),
        };
        Text::new(zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_the_names_that_serde_writes() {
        for refusal in Refusal::ALL {
            assert_eq!(serde_json::to_value(refusal).unwrap(), refusal.slug());
        }
    }

    #[test]
    fn texts_fit_a_line_of_the_screen() {
        for refusal in Refusal::ALL {
            let Text { zh, en } = refusal.text();
            assert!((4..=14).contains(&zh.chars().count()), "{zh}");
            assert!((10..=36).contains(&en.len()), "{en}");
        }
    }
}
