//! Which three eyes belong to one symbol.

use super::{finder::Eye, geometry::Spot};

/// Neighbours of an eye that are considered, the nearest first and doubtful ones last.
const NEIGHBOURS: usize = 16;
/// The most triples that are kept, best first.
const TRIPLES_LIMIT: usize = 800;
/// The least distance between two eyes of a symbol in modules: 14 in version 1, less where it is tilted away.
const NEAREST: f32 = 7.0;
/// The largest distance in modules: 170 in version 40, more where modules look smaller than they are.
const FARTHEST: f32 = 210.0;
/// Cosine beyond which an angle is no tilted right angle.
const SLANT: f32 = 0.8;
/// How much longer one side may look than the other.
const STRETCH: f32 = 2.6;
/// How much larger one eye may look than another.
const GROWTH: f32 = 2.6;

/// Three eyes that could be a symbol's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Triple {
    /// Top left, top right, bottom left.
    pub(super) eyes: [Eye; 3],
    /// 0 for three alike eyes at a right angle with equal sides, and up.
    pub(super) cost: f32,
}

impl Triple {
    /// Whether it looks like a code by its eyes alone: seen in several rows, and standing as they should.
    pub(super) fn is_striking(&self) -> bool {
        self.cost < 0.45 && self.eyes.iter().all(|eye| eye.sureness() > 0.6)
    }
}

/// Finds the triples among `eyes`, the most symbol-like first.
pub(super) fn triples(eyes: &[Eye], out: &mut Vec<Triple>) {
    out.clear();
    let mut near = Vec::new();
    for corner in 0..eyes.len() {
        neighbours(eyes, corner, &mut near);
        for (at, &(_, one)) in near.iter().enumerate() {
            for &(_, other) in &near[at + 1..] {
                out.extend(triple(eyes, corner, one, other));
            }
        }
        // Kept short on the way, so that a picture of nothing but eyes costs no memory.
        if out.len() > 8 * TRIPLES_LIMIT {
            keep_best(out);
        }
    }
    keep_best(out);
}

fn keep_best(out: &mut Vec<Triple>) {
    out.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    out.truncate(TRIPLES_LIMIT);
}

/// Whether two eyes can be of one symbol.
pub(super) fn are_alike(one: &Eye, other: &Eye) -> bool {
    let module = one.module.max(other.module);
    let distance = (one.x - other.x).hypot(one.y - other.y);
    one.dark == other.dark
        && (NEAREST..FARTHEST).contains(&(distance / module))
        && module < GROWTH * one.module.min(other.module)
}

fn neighbours(eyes: &[Eye], corner: usize, near: &mut Vec<(f32, usize)>) {
    near.clear();
    let eye = &eyes[corner];
    for (index, other) in eyes.iter().enumerate() {
        if are_alike(eye, other) {
            let distance = (eye.x - other.x).hypot(eye.y - other.y);
            near.push((distance * (1.0 + 4.0 * (1.0 - other.sureness())), index));
        }
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    near.truncate(NEIGHBOURS);
}

fn triple(eyes: &[Eye], corner: usize, one: usize, other: usize) -> Option<Triple> {
    let at = |index: usize| Spot::new(eyes[index].x, eyes[index].y);
    let (a, b) = (at(one).minus(at(corner)), at(other).minus(at(corner)));
    let (long, short) = (a.length().max(b.length()), a.length().min(b.length()));
    let slant = (a.dot(b) / (long * short)).abs();
    if slant > SLANT || long > STRETCH * short {
        return None;
    }
    let (right, below) = if a.cross(b) > 0.0 { (one, other) } else { (other, one) };
    let found = [corner, right, below].map(|index| eyes[index]);
    let modules = found.map(|eye| eye.module);
    let growth = modules.iter().fold(0.0_f32, |m, &v| m.max(v)) / modules.iter().fold(f32::MAX, |m, &v| m.min(v));
    let doubt: f32 = found.iter().map(|eye| 1.0 - eye.sureness()).sum();
    let cost = slant + (long / short).ln() * 0.8 + growth.ln() + doubt * 0.4;
    (growth < GROWTH).then_some(Triple { eyes: found, cost })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eye(x: f32, y: f32) -> Eye {
        Eye { x, y, module: 4.0, dark: 1, hits: 6.0 }
    }

    #[test]
    fn the_right_angle_is_the_top_left_whichever_way_it_is_turned() {
        let mut found = Vec::new();
        triples(&[eye(100.0, 100.0), eye(200.0, 100.0), eye(200.0, 200.0)], &mut found);
        let places: Vec<_> = found.iter().map(|triple| triple.eyes.map(|eye| (eye.x as u32, eye.y as u32))).collect();
        assert_eq!(places[0], [(200, 100), (200, 200), (100, 100)]);
    }

    #[test]
    fn eyes_of_unlike_size_or_colour_make_no_triple() {
        let mut found = Vec::new();
        let far = Eye { module: 11.0, ..eye(200.0, 100.0) };
        triples(&[eye(100.0, 100.0), far, eye(100.0, 200.0)], &mut found);
        assert!(found.is_empty());
        let light = Eye { dark: 0, ..eye(200.0, 100.0) };
        triples(&[eye(100.0, 100.0), light, eye(100.0, 200.0)], &mut found);
        assert!(found.is_empty());
    }
}
