//! What the doctor takes for the indexes of this release is what its migrations make.

use mailroom_store::doctor::INDEXES;

use crate::stage::Stage;

#[tokio::test]
async fn the_list_of_indexes_is_that_of_the_migrations() {
    let stage = Stage::new().await;
    let made: Vec<(String, String)> = stage
        .rows(
            "select t.relname::text, i.relname::text from pg_index x
             join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
             where i.relnamespace = 'messaging'::regnamespace and t.relname <> 'schema_migrations'
             order by t.relname, i.relname",
        )
        .await;
    let made: Vec<_> = made
        .iter()
        .map(|(table, index)| (table.as_str(), index.as_str()))
        .collect();
    assert_eq!(
        made, INDEXES,
        "crates/store/src/doctor/indexes.rs is not up to date"
    );
}
