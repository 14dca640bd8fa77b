//! `roles`: makes the programs' roles and gives each what it needs.

use mailroom_store::migration::{self, Options, Role};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::failure::Failure;
use crate::place::Place;
use crate::progress::watch;

pub(crate) async fn roles(places: &[Place], options: &Options) -> Result<Answer, Failure> {
    let mut roles: Vec<Role> = Vec::new();
    for place in places {
        for role in migration::grant_roles(&place.target, options, &mut watch).await? {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
    }
    let text: Vec<String> = roles.iter().map(line).collect();
    let objects: Vec<Value> = roles
        .iter()
        .map(|role| json!({ "role": role.name, "can_login": role.can_login }))
        .collect();
    Ok(Answer {
        text: text.join("\n"),
        json: json!({ "command": "roles", "roles": objects }),
        exit: 0,
    })
}

fn line(role: &Role) -> String {
    let name = &role.name;
    if role.can_login {
        format!("{name}: has what it needs")
    } else {
        format!(
            "{name}: has what it needs, and cannot log in: alter role {name} login, and give it a password"
        )
    }
}
