//! Trees of departments and of reporting lines: pure, without input or output, safe against cycles in the data.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// Greatest depth of a reporting tree (R-VIS-03).
pub const MAX_DEPTH: usize = 20;
/// Between the names of a department path.
pub const PATH_SEPARATOR: &str = "/";

/// Children by parent.
#[derive(Debug, Clone)]
pub struct Tree<K> {
    children: HashMap<K, Vec<K>>,
    parent: HashMap<K, K>,
}

impl<K: Copy + Eq + Hash + Ord> Tree<K> {
    /// From (node, parent) pairs; nodes without a parent are roots and need not be named.
    pub fn new(edges: impl IntoIterator<Item = (K, K)>) -> Self {
        let mut children: HashMap<K, Vec<K>> = HashMap::new();
        let mut parent = HashMap::new();
        for (node, up) in edges {
            children.entry(up).or_default().push(node);
            parent.insert(node, up);
        }
        for list in children.values_mut() {
            list.sort_unstable();
        }
        Self { children, parent }
    }
    /// Everything below a node, nearest first, without the node itself; at most `depth` levels.
    #[must_use]
    pub fn below(&self, node: K, depth: usize) -> Vec<K> {
        let mut seen = HashSet::from([node]);
        let mut found = vec![];
        let mut level = vec![node];
        for _ in 0..depth {
            let mut next = vec![];
            for n in level {
                for c in self.children.get(&n).into_iter().flatten() {
                    if seen.insert(*c) {
                        next.push(*c);
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            found.extend(&next);
            level = next;
        }
        found
    }
    /// The node and everything above it, itself first; stops at a cycle.
    #[must_use]
    pub fn line(&self, node: K) -> Vec<K> {
        let mut line = vec![node];
        let mut at = node;
        while let Some(up) = self.parent.get(&at) {
            if line.contains(up) {
                break;
            }
            line.push(*up);
            at = *up;
        }
        line
    }
    /// Putting `node` under `parent` would make a cycle or a line deeper than `depth`.
    #[must_use]
    pub fn refuses(&self, node: K, parent: K, depth: usize) -> bool {
        if node == parent {
            return true;
        }
        let above = self.line(parent);
        above.contains(&node) || above.len() + self.height(node, depth + 1) > depth + 1
    }
    /// Levels of the subtree of a node, itself included, counted up to `most`.
    fn height(&self, node: K, most: usize) -> usize {
        let mut seen = HashSet::from([node]);
        let mut level = vec![node];
        let mut height = 0;
        while !level.is_empty() && height < most {
            height += 1;
            level = level
                .iter()
                .flat_map(|n| self.children.get(n).into_iter().flatten())
                .copied()
                .filter(|c| seen.insert(*c))
                .collect();
        }
        height
    }
}

/// The path of a department as people read it: the names from the root, joined.
#[must_use]
pub fn path(names_from_root: &[&str]) -> String {
    names_from_root.join(PATH_SEPARATOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_cycle_is_refused() {
        // R-VIS-03: 1 <- 2 <- 3
        let t = Tree::new([(2, 1), (3, 2)]);
        assert!(t.refuses(1, 3, MAX_DEPTH), "the top under its grandchild");
        assert!(t.refuses(1, 2, MAX_DEPTH));
        assert!(t.refuses(2, 2, MAX_DEPTH), "oneself");
        assert!(!t.refuses(3, 1, MAX_DEPTH), "a lawful move up");
        assert!(!t.refuses(4, 3, MAX_DEPTH), "a new leaf");
    }

    #[test]
    fn a_line_deeper_than_twenty_is_refused() {
        // R-VIS-03: depth ≤ 20; 1 has 19 levels below.
        let t = Tree::new((2..=20).map(|n| (n, n - 1)));
        assert!(!t.refuses(21, 20, MAX_DEPTH), "the twentieth level below");
        let t = Tree::new((2..=21).map(|n| (n, n - 1)));
        assert!(t.refuses(22, 21, MAX_DEPTH), "the twenty-first");
        assert!(t.refuses(1, 100, MAX_DEPTH), "moving a chain of 20 below counts its height");
    }

    #[test]
    fn cycles_in_stored_data_do_not_hang() {
        let t = Tree::new([(1, 2), (2, 3), (3, 1)]);
        assert_eq!(t.below(1, MAX_DEPTH), vec![3, 2]);
        assert_eq!(t.line(1), vec![1, 2, 3]);
        assert!(t.refuses(4, 1, 2), "a broken line counts with what is above");
    }

    #[test]
    fn below_is_nearest_first_and_stops_at_the_depth() {
        let t = Tree::new([(2, 1), (3, 1), (4, 2), (5, 4)]);
        assert_eq!(t.below(1, MAX_DEPTH), vec![2, 3, 4, 5]);
        assert_eq!(t.below(1, 1), vec![2, 3]);
        assert!(t.below(5, MAX_DEPTH).is_empty());
    }

    #[test]
    fn paths_are_read_from_the_root() {
        assert_eq!(path(&["总部", "华东大区", "销售一部"]), "总部/华东大区/销售一部");
    }
}
