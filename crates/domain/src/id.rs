//! Typed ids: UUIDs from random bytes handed in; those of rows in lanes carry the lane in their first byte, and those of
//! events the time after it (docs/adr/0027-ids-in-order.md).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Lane;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an id that was read back.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for binding.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        id!($(#[$doc])* $name);

        impl $name {
            /// A new id from 16 random bytes (six of the 128 bits give way to UUID version and variant).
            pub fn new(random: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(random).into_uuid())
            }
        }
    };
}

macro_rules! laned_id {
    ($(#[$doc:meta])* $name:ident) => {
        id!($(#[$doc])* $name);

        impl $name {
            /// A new id in `lane` from 16 random bytes (14 bits of which give way to lane, version and variant).
            pub fn new(lane: Lane, mut random: [u8; 16]) -> Self {
                random[0] = lane.index();
                Self(uuid::Builder::from_random_bytes(random).into_uuid())
            }

            /// The lane this row lives in, so that an id alone finds its row.
            pub fn lane(self) -> Lane {
                Lane::from_index(self.0.as_bytes()[0])
            }
        }
    };
}

laned_id! {
    /// One thing a provider told us.
    EventId
}
laned_id! {
    /// One message of a conversation. What an event became has the event's id.
    MessageId
}
laned_id! {
    /// Who talks with whom on which channel.
    ConversationId
}
laned_id! {
    /// Something attached to a message.
    FileId
}
random_id! {
    /// Fresh for each claim; finish, retry and bury must show it.
    ClaimToken
}
random_id! {
    /// Fresh for each tenure of a lane.
    LaneToken
}
random_id! {
    /// One run of one worker process.
    WorkerId
}
random_id! {
    /// One call of an operator's command.
    CommandId
}

impl EventId {
    /// A new id in `lane` that stands behind those of every millisecond before, from the time and 16 random bytes, 66 bits of
    /// which stay (UUID v8): 48 bits of milliseconds since 1970 follow the lane, around the version.
    pub fn at(lane: Lane, time: DateTime<Utc>, mut random: [u8; 16]) -> Self {
        let since_1970 = u64::try_from(time.timestamp_millis()).unwrap_or(0);
        let [_, _, high @ .., low] = since_1970.to_be_bytes();
        random[0] = lane.index();
        random[1..6].copy_from_slice(&high);
        random[6] = low >> 4;
        random[7] = low << 4 | random[7] & 0x0f;
        Self(uuid::Builder::from_custom_bytes(random).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn time(millis: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(millis)
    }

    #[test]
    fn what_was_before_1970_counts_as_1970() {
        let id = |millis| EventId::at(Lane::from_index(0), time(millis), [7; 16]);
        assert_eq!(id(-1), id(0));
    }

    #[test]
    fn an_events_id_says_lane_and_time() {
        let id = EventId::at(Lane::from_index(201), time(0x0123_4567_89ab), [0xff; 16]);
        assert_eq!(id.lane().index(), 201);
        assert_eq!(id.uuid().get_version_num(), 8);
        assert_eq!(id.to_string(), "c9012345-6789-8abf-bfff-ffffffffffff");
    }

    proptest! {
        #[test]
        fn events_of_a_lane_stand_in_the_order_of_time(
            lane: u8, earlier in 0..1_i64 << 47, later in 1..1_i64 << 46, randoms: [[u8; 16]; 2]
        ) {
            let id = |millis, random| EventId::at(Lane::from_index(lane), time(millis), random);
            prop_assert!(id(earlier, randoms[0]) < id(earlier + later, randoms[1]));
            prop_assert_eq!(id(earlier, randoms[0]).lane().index(), lane);
        }
    }

    #[test]
    fn an_id_says_its_lane_and_is_a_v4_uuid() {
        let id = EventId::new(Lane::from_index(201), [7; 16]);
        assert_eq!(id.lane().index(), 201);
        assert_eq!(id.uuid().get_version_num(), 4);
        assert_eq!(id.to_string(), "c9070707-0707-4707-8707-070707070707");
    }
}
