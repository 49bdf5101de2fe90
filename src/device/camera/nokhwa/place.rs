//! Where the system has a camera, and what has to be known of it before nokhwa sees it.

pub use self::here::find;

/// Where Linux has the camera.
#[cfg(target_os = "linux")]
mod here {
    use std::path::PathBuf;

    use ::nokhwa::utils::CameraIndex;

    use super::super::super::v4l2::{Places, offers, stride};
    use super::super::super::{CameraFault, Offer};
    use super::super::INSTEAD;
    use crate::rules::board::{NokhwaDevice, VideoDevice};

    pub struct Place {
        pub index: CameraIndex,
        pub title: String,
        path: PathBuf,
    }

    pub fn find(device: &NokhwaDevice) -> Result<Place, CameraFault> {
        let places = Places::system();
        let path = match device {
            NokhwaDevice::Index(index) => places.find(&VideoDevice::Index(*index))?,
            NokhwaDevice::Name(name) => places.named(name)?,
        };
        let number = path.file_name().and_then(|name| name.to_str()?.strip_prefix("video")?.parse().ok());
        Ok(Place { index: CameraIndex::Index(number.unwrap_or_default()), title: places.title(&path), path })
    }

    impl Place {
        /// Refuses what it would panic at.
        pub fn check(&self, name: &str) -> Result<(), CameraFault> {
            let refused = |why: String| CameraFault::NotByNokhwa { name: name.to_owned(), why };
            if !Places::system().has_whole_name(&self.path) {
                return Err(refused(format!("its name ends inside a character; {INSTEAD}")));
            }
            let offers = offers(&self.path).unwrap_or_default();
            if stands_still(&offers) {
                return Err(refused(format!("its sizes come in steps of nothing; {INSTEAD}")));
            }
            Ok(())
        }

        /// Bytes from one row to the next; 0 where nobody says.
        pub fn stride(&self) -> usize {
            stride(&self.path).unwrap_or_default()
        }
    }

    pub fn stands_still(offers: &[Offer]) -> bool {
        let mut sizes = offers.iter().flat_map(|offer| &offer.sizes);
        sizes.any(|sizes| sizes.step.width == 0 || sizes.step.height == 0)
    }
}

/// Where another system has the camera.
#[cfg(not(target_os = "linux"))]
mod here {
    use ::nokhwa::utils::{ApiBackend, CameraIndex};

    use super::super::super::CameraFault;
    use super::super::fault;
    use crate::rules::board::NokhwaDevice;

    pub struct Place {
        pub index: CameraIndex,
        pub title: String,
    }

    pub fn find(device: &NokhwaDevice) -> Result<Place, CameraFault> {
        let name = device.to_string();
        let cameras = ::nokhwa::query(ApiBackend::Auto).map_err(|error| fault(&name, &error))?;
        let found = cameras.iter().find(|camera| match device {
            NokhwaDevice::Index(index) => *camera.index() == CameraIndex::Index(*index),
            NokhwaDevice::Name(name) => camera.human_name() == *name,
        });
        let others = || cameras.iter().map(|camera| format!("`{}`", camera.human_name())).collect();
        let found = found.ok_or_else(|| CameraFault::Missing { name, others: others() })?;
        Ok(Place { index: found.index().clone(), title: format!("`{}`", found.human_name()) })
    }

    impl Place {
        pub fn check(&self, _name: &str) -> Result<(), CameraFault> {
            Ok(())
        }

        pub fn stride(&self) -> usize {
            0
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::here::stands_still;
    use crate::device::camera::offer::{Offer, Sizes};
    use crate::rules::board::Size;

    #[test]
    fn sizes_in_steps_of_nothing_are_never_shown_to_it() {
        let size = |side| Size { width: side, height: side };
        let offer = |step| {
            let sizes = Sizes { least: size(16), most: size(1024), step: size(step), rates: Vec::new() };
            [Offer { code: *b"YUYV", sizes: vec![sizes] }]
        };
        assert!(stands_still(&offer(0)));
        assert!(!stands_still(&offer(8)));
    }
}
