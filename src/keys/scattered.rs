//! A hash for tables whose keys are random already: hashing them again would cost more than looking them up.

use std::hash::{BuildHasher, Hasher};

/// For keys that we have drawn or hashed ourselves, of at least eight bytes: token hashes, session ids. Whoever cannot choose
/// what is in the table cannot crowd one place of it, so that no secret is needed as for keys that clients choose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scattered;

impl BuildHasher for Scattered {
    type Hasher = Last;

    fn build_hasher(&self) -> Last {
        Last(0)
    }
}

/// Takes the last eight bytes (of our ids the random ones) for the hash.
#[derive(Debug)]
pub struct Last(u64);

impl Hasher for Last {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk() {
            // The two bits that all ids share go where no table looks: lowest come places, highest comes what tells keys apart.
            self.0 = u64::from_le_bytes(*last).rotate_left(24);
        }
    }

    /// The length of an array is the same for all.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn ids_and_token_hashes_fall_everywhere() {
        // The bits that a table looks at first, low and high: 2,000 keys in 256 places, none of them crowded.
        let spread = |hashes: Vec<u64>, shift: u32| {
            let mut places = [0_u32; 256];
            for hash in hashes {
                places[usize::from((hash >> shift).to_le_bytes()[0])] += 1;
            }
            places.into_iter().max().unwrap()
        };
        let ids: Vec<u64> = (0..2000).map(|n| Scattered.hash_one(crate::keys::new_id(Timestamp::from_secs(n)))).collect();
        let tokens: Vec<u64> = (0..2000).map(|_| Scattered.hash_one(crate::keys::sha256(&crate::keys::random::<32>()))).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 2000);
        for (hashes, shift) in [(ids.clone(), 0), (ids, 49), (tokens.clone(), 0), (tokens, 49)] {
            assert!(spread(hashes, shift) < 40);
        }
        assert_eq!(Scattered.hash_one(Uuid::nil()), 0);
    }
}
