//! What the authority lets kiosks do, and how a site tightens it.

use serde::{Deserialize, Serialize};

use super::record::ReviewLevel;

/// Signed policy, part of the feed. A site may tighten it and never loosen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Up to this age of the cache, in hours, nothing is said about it.
    pub normal_h: u32,
    /// Up to this age green stays green and the age is on the screen.
    pub green_h: u32,
    /// Up to this age green becomes Hold; beyond it the kiosk is out of service and shows red only.
    pub service_h: u32,
    /// Whether an unsigned code of a green listing is accepted.
    pub accept_unsigned: bool,
    /// One in this many items is drawn for review at each level; 0 draws none.
    pub review_one_in: ReviewRates,
}

/// One in how many items is drawn; 0 draws none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewRates {
    /// At [`ReviewLevel::Reduced`].
    pub reduced: u32,
    /// At [`ReviewLevel::Normal`].
    pub normal: u32,
    /// At [`ReviewLevel::Tightened`].
    pub tightened: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            normal_h: 24,
            green_h: 72,
            service_h: 168,
            accept_unsigned: false,
            review_one_in: ReviewRates::default(),
        }
    }
}

impl Default for ReviewRates {
    fn default() -> Self {
        Self { reduced: 200, normal: 50, tightened: 10 }
    }
}

/// A site's own, stricter limits; what is absent stays as the authority set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tightening {
    /// A shorter [`Policy::normal_h`].
    pub normal_h: Option<u32>,
    /// A shorter [`Policy::green_h`].
    pub green_h: Option<u32>,
    /// A shorter [`Policy::service_h`].
    pub service_h: Option<u32>,
    /// `true` holds unsigned codes even where the authority would accept them.
    pub hold_unsigned: Option<bool>,
    /// Draw at least one in this many.
    pub review_one_in: Option<u32>,
}

impl Policy {
    /// This policy with whatever of the site's limits is stricter.
    #[must_use]
    pub fn tightened_by(self, site: &Tightening) -> Self {
        let shorter = |own: u32, limit: Option<u32>| limit.map_or(own, |limit| own.min(limit));
        let oftener = |own: u32| match site.review_one_in {
            None | Some(0) => own,
            Some(limit) if own == 0 => limit,
            Some(limit) => own.min(limit),
        };
        let service_h = shorter(self.service_h, site.service_h);
        let green_h = shorter(self.green_h, site.green_h).min(service_h);
        let rates = self.review_one_in;
        Self {
            normal_h: shorter(self.normal_h, site.normal_h).min(green_h),
            green_h,
            service_h,
            accept_unsigned: self.accept_unsigned && site.hold_unsigned != Some(true),
            review_one_in: ReviewRates {
                reduced: oftener(rates.reduced),
                normal: oftener(rates.normal),
                tightened: oftener(rates.tightened),
            },
        }
    }

    /// One in how many items of a listing at `level` is drawn; 0 draws none.
    #[must_use]
    pub fn one_in(&self, level: ReviewLevel) -> u32 {
        match level {
            ReviewLevel::Skip => 0,
            ReviewLevel::Reduced => self.review_one_in.reduced,
            ReviewLevel::Normal => self.review_one_in.normal,
            ReviewLevel::Tightened => self.review_one_in.tightened,
            ReviewLevel::Stopped => 1,
        }
    }
}
