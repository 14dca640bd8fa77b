//! Lanes: 256 fixed shares of all conversations, tended by workers the way consumers share partitions.

use crate::ConversationKey;

/// How many lanes there are. Fixed for ever: the lane is stored in every row and every id.
pub const LANES: usize = 256;

/// One of the [`LANES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(u8);

impl Lane {
    /// The lane of a conversation: FNV-1a (64 bit) over the key's bytes, folded to eight bits.
    /// Stable across releases and machines; changing it would tear conversations apart.
    pub fn of(key: &ConversationKey) -> Self {
        let hash = key
            .as_str()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        Self(hash.to_be_bytes().into_iter().fold(0, |lane, byte| lane ^ byte))
    }

    /// The lane with this number.
    pub const fn from_index(index: u8) -> Self {
        Self(index)
    }

    /// Its number, 0 to 255.
    pub const fn index(self) -> u8 {
        self.0
    }

    /// Every lane, ascending.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(Self)
    }
}

impl From<Lane> for i16 {
    fn from(lane: Lane) -> Self {
        i16::from(lane.0)
    }
}

/// How many lanes one of `workers` live workers should tend: all shares together cover every lane, and no
/// share is larger than it must be.
pub const fn fair_share(workers: usize) -> usize {
    if workers == 0 {
        LANES
    } else {
        LANES.div_ceil(workers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Channel;

    #[test]
    fn the_lane_of_a_key_never_changes() {
        let key = ConversationKey::between(Channel::Sms, "+15550100101", "+15550100102");
        assert_eq!(Lane::of(&key).index(), 195);
        let key = ConversationKey::between(Channel::Email, "a@example.com", "b@example.com");
        assert_eq!(Lane::of(&key).index(), 96);
    }

    #[test]
    fn ten_thousand_conversations_fill_all_lanes_evenly() {
        let mut counts = [0_usize; LANES];
        for n in 0..10_000 {
            let key = ConversationKey::between(Channel::Sms, &format!("+1555010{n:04}"), "+15550199999");
            counts[usize::from(Lane::of(&key).index())] += 1;
        }
        // The mean is 39; a fair hash stays within five standard deviations.
        assert!(counts.iter().all(|count| (8..=71).contains(count)), "{counts:?}");
    }

    #[test]
    fn shares_cover_all_lanes() {
        for workers in 1..=300 {
            assert!(fair_share(workers) * workers >= LANES);
            assert!((fair_share(workers) - 1) * workers < LANES);
        }
        assert_eq!(fair_share(0), LANES);
    }
}
