//! Noise that is the same in every run.

/// Noise between -1 and 1 that depends on its place and seed alone (splitmix64, Steele et al. 2014).
pub fn at(x: u64, y: u64, seed: u64) -> f32 {
    let mut word = x.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ y.rotate_left(32) ^ seed << 56;
    word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^= word >> 31;
    (word >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
}
