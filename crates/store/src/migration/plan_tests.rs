//! Every way in which a release and a database can differ.

use super::*;

fn known(versions: &[i64]) -> Vec<Known> {
    versions
        .iter()
        .map(|&version| Known {
            version,
            name: format!("step {version}"),
            checksum: vec![1],
        })
        .collect()
}

fn applied(versions: &[i64]) -> Vec<Applied> {
    known(versions)
        .into_iter()
        .map(
            |Known {
                 version,
                 name,
                 checksum,
             }| Applied {
                version,
                name,
                checksum,
                finished: true,
            },
        )
        .collect()
}

#[test]
fn an_empty_database_lacks_everything_in_order() {
    let plan = plan(&known(&[2, 1, 3]), &[]);
    assert_eq!(
        plan.state(),
        SchemaState::Behind {
            missing: vec![1, 2, 3]
        }
    );
    assert!(!plan.state().is_usable());
}

#[test]
fn only_what_is_not_applied_is_pending() {
    let plan = plan(&known(&[1, 2, 3]), &applied(&[1, 2]));
    assert_eq!(plan.versions(Standing::Applied), [1, 2]);
    assert_eq!(plan.state(), SchemaState::Behind { missing: vec![3] });
}

#[test]
fn the_same_on_both_sides_is_current() {
    assert_eq!(
        plan(&known(&[1, 2]), &applied(&[1, 2])).state(),
        SchemaState::Current
    );
    assert_eq!(plan(&[], &[]).state(), SchemaState::Current);
}

#[test]
fn a_newer_database_can_be_used() {
    let state = plan(&known(&[1]), &applied(&[1, 2, 3])).state();
    assert_eq!(state, SchemaState::Ahead { unknown: vec![2, 3] });
    assert!(state.is_usable());
}

#[test]
fn a_newer_database_that_lacks_something_cannot() {
    let state = plan(&known(&[1, 2]), &applied(&[1, 3])).state();
    assert_eq!(state, SchemaState::Behind { missing: vec![2] });
}

#[test]
fn an_edited_migration_is_damage() {
    let mut database = applied(&[1, 2]);
    database[0].checksum = vec![9];
    let SchemaState::Damaged { damage } = plan(&known(&[1, 2]), &database).state() else {
        panic!("not seen")
    };
    assert_eq!(
        damage,
        [Entry {
            version: 1,
            name: "step 1".into(),
            standing: Standing::Changed
        }]
    );
}

#[test]
fn an_unfinished_migration_is_damage_even_if_unknown() {
    let mut database = applied(&[1, 2]);
    database[1].finished = false;
    let plan = plan(&known(&[1]), &database);
    assert_eq!(plan.versions(Standing::Unfinished), [2]);
    assert!(matches!(plan.state(), SchemaState::Damaged { .. }));
}

#[test]
fn an_applied_migration_that_vanished_from_the_release_is_damage() {
    let plan = plan(&known(&[1, 3]), &applied(&[1, 2, 3]));
    assert_eq!(plan.versions(Standing::Missing), [2]);
    assert!(matches!(plan.state(), SchemaState::Damaged { .. }));
}
