//! Configuration files: read and written as Asterisk does it, from text to text. Comments and
//! included files are not kept.

mod parsed;
mod update;

use super::{Model, Turn};
use crate::testing::FakeAmi;
use parsed::Parsed;
use update::Update;

impl Model {
    /// The file that an action names, or the answer that there is none.
    fn parsed(&self, turn: &mut Turn<'_>, header: &str, missing: &str) -> Option<Parsed> {
        let Some(name) = turn.get(header) else {
            turn.error("Filename not specified");
            return None;
        };
        let Some(text) = self.files.get(name) else {
            turn.error(missing);
            return None;
        };
        let parsed = Parsed::read(text);
        if parsed.is_none() {
            turn.error("Config file has invalid format");
        }
        parsed
    }

    pub(super) fn get_config(&mut self, turn: &mut Turn<'_>) {
        let Some(file) = self.parsed(turn, "Filename", "Config file not found") else { return };
        let filter = turn.get("Filter");
        let picked = file.pick(turn.get("Category"), filter);
        if picked.is_empty() && turn.get("Category").is_some() {
            return turn.nothing("No categories found");
        }
        let mut lines: Vec<(String, String)> = Vec::new();
        for (i, &category) in picked.iter().enumerate() {
            let category = &file.categories[category];
            lines.push((format!("Category-{i:06}"), category.name.clone()));
            if category.is_template {
                lines.push((format!("IsTemplate-{i:06}"), "1".into()));
            }
            if !category.templates.is_empty() {
                lines.push((format!("Templates-{i:06}"), category.templates.join(",")));
            }
            for (j, line) in category.lines.iter().enumerate() {
                let text = format!("{}={}", line.name, line.value);
                lines.push((format!("Line-{i:06}-{j:06}"), text));
            }
        }
        let lines: Vec<_> = lines.iter().map(|(name, value)| (&**name, &**value)).collect();
        turn.success(&lines);
    }

    pub(super) fn get_config_json(&mut self, turn: &mut Turn<'_>) {
        let missing = "File requires escalated privileges";
        let Some(file) = self.parsed(turn, "Filename", missing) else { return };
        let picked = file.pick(turn.get("Category"), turn.get("Filter"));
        // Nothing but these two is escaped, and a name may repeat.
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let categories: Vec<String> =
            picked
                .iter()
                .map(|&i| {
                    let category = &file.categories[i];
                    let mut fields = Vec::new();
                    if category.is_template {
                        fields.push("\"istemplate\":1".to_owned());
                    }
                    if !category.templates.is_empty() {
                        fields.push(format!("\"templates\":\"{}\"", category.templates.join(",")));
                    }
                    fields.extend(category.lines.iter().map(|line| {
                        format!("\"{}\":\"{}\"", quoted(&line.name), quoted(&line.value))
                    }));
                    format!("\"{}\":{{{}}}", quoted(&category.name), fields.join(","))
                })
                .collect();
        turn.success(&[("JSON", &format!("{{{}}}", categories.join(",")))]);
    }

    pub(super) fn list_categories(&mut self, turn: &mut Turn<'_>) {
        let Some(file) = self.parsed(turn, "Filename", "Config file not found") else { return };
        let picked = file.pick(None, None);
        let names: Vec<_> = (0..picked.len()).map(|i| format!("Category-{i:06}")).collect();
        let values = picked.iter().map(|&at| &*file.categories[at].name);
        let lines: Vec<_> = names.iter().map(|name| &**name).zip(values).collect();
        turn.success(&lines);
    }

    pub(super) fn create_config(&mut self, turn: &mut Turn<'_>) {
        let Some(name) = turn.get("Filename") else { return turn.error("Filename not specified") };
        if self.files.contains_key(name) {
            return turn.error("File exists");
        }
        self.files.insert(name.to_owned(), String::new());
        turn.ack("New configuration file created successfully");
    }

    /// All steps, or none.
    pub(super) fn update_config(&mut self, turn: &mut Turn<'_>) {
        let (Some(_), Some(target)) = (turn.get("SrcFilename"), turn.get("DstFilename")) else {
            return turn.error("Filename not specified");
        };
        let missing = "File requires escalated privileges";
        if !self.files.contains_key(target) {
            return turn.error(missing);
        }
        let Some(mut file) = self.parsed(turn, "SrcFilename", missing) else { return };
        for number in 0.. {
            let Some(update) = Update::read(turn, number) else { break };
            if let Err(why) = update.run(&mut file) {
                return turn.error(why);
            }
        }
        let preserve = turn.get("PreserveEffectiveContext").is_none()
            || turn.is_true("PreserveEffectiveContext");
        self.files.insert(target.to_owned(), file.write(preserve));
        turn.success(&[]);
    }
}

/// Files of the small PBX.
impl FakeAmi {
    /// Puts a configuration file there, for `GetConfig`, `UpdateConfig` and their kin.
    ///
    /// ```
    /// # use asterisk_sync::testing::FakeAmi;
    /// # fn main() -> asterisk_sync::Result<()> {
    /// let fake = FakeAmi::start()?;
    /// fake.set_config_file("queues.conf", "[sales]\nstrategy = ringall\n");
    /// let file = fake.client().connect()?.config_file("queues.conf")?;
    /// assert_eq!(file.category("sales").and_then(|sales| sales.get("strategy")), Some("ringall"));
    /// # Ok(()) }
    /// ```
    pub fn set_config_file(&self, name: &str, text: &str) {
        self.shared.model.lock().files.insert(name.to_owned(), text.to_owned());
    }

    /// A configuration file's text, as it was last written.
    pub fn config_file_text(&self, name: &str) -> Option<String> {
        self.shared.model.lock().files.get(name).cloned()
    }
}
