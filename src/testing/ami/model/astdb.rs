//! The AstDB: families, keys, values.

use super::{Model, Turn};

impl Model {
    pub(super) fn db_put(&mut self, turn: &mut Turn<'_>) {
        let Some(family) = turn.get("Family") else { return turn.error("No family specified") };
        let Some(key) = turn.get("Key") else { return turn.error("No key specified") };
        let value = turn.get("Val").unwrap_or("").to_owned();
        self.database.insert(format!("/{family}/{key}"), value);
        turn.ack("Updated database successfully");
    }

    pub(super) fn db_get(&mut self, turn: &mut Turn<'_>) {
        let Some((family, key)) = place(turn) else { return };
        let Some(value) = self.database.get(&format!("/{family}/{key}")) else {
            return turn.error("Database entry not found");
        };
        turn.list("Result will follow");
        turn.item("DBGetResponse", |frame, id| {
            frame.lines(&[("Family", family), ("Key", key), ("Val", value)]).action_id(id)
        });
        turn.complete("DBGetComplete");
    }

    pub(super) fn db_del(&mut self, turn: &mut Turn<'_>) {
        let Some((family, key)) = place(turn) else { return };
        match self.database.remove(&format!("/{family}/{key}")) {
            Some(_) => turn.ack("Key deleted successfully"),
            None => turn.error("Database entry could not be deleted"),
        }
    }

    pub(super) fn db_get_tree(&mut self, turn: &mut Turn<'_>) {
        let root = root(turn);
        turn.list("Result will follow");
        for (key, value) in self.database.iter().filter(|(key, _)| is_under(key, &root)) {
            turn.item("DBGetTreeResponse", |frame, id| {
                frame.lines(&[("Key", key), ("Val", value)]).action_id(id)
            });
        }
        turn.complete("DBGetTreeComplete");
    }

    pub(super) fn db_del_tree(&mut self, turn: &mut Turn<'_>) {
        if turn.get("Family").is_none() {
            return turn.error("No family specified.");
        }
        let (root, before) = (root(turn), self.database.len());
        self.database.retain(|key, _| !is_under(key, &root));
        if self.database.len() == before {
            turn.error("Database entry not found");
        } else {
            turn.ack("Key tree deleted successfully");
        }
    }
}

fn place<'a>(turn: &mut Turn<'a>) -> Option<(&'a str, &'a str)> {
    let (family, key) = (turn.get("Family"), turn.get("Key"));
    match (family, key) {
        (None, _) => turn.error("No family specified."),
        (_, None) => turn.error("No key specified."),
        _ => {}
    }
    family.zip(key)
}

fn root(turn: &Turn<'_>) -> String {
    [turn.get("Family"), turn.get("Key")].iter().flatten().flat_map(|part| ["/", part]).collect()
}

fn is_under(key: &str, root: &str) -> bool {
    key.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
