//! A command line taken apart as Asterisk does it.

/// The words of a line: split at spaces and tabs, quotes keep them together, a backslash makes the
/// next character an ordinary one.
pub(super) fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let (mut is_quoted, mut is_escaped) = (false, false);
    for c in line.chars() {
        if is_escaped {
            is_escaped = false;
            word.get_or_insert_default().push(c);
            continue;
        }
        match c {
            '\\' => is_escaped = true,
            '"' => {
                is_quoted = !is_quoted;
                // Nothing between quotes is a word as well.
                word.get_or_insert_default();
            }
            ' ' | '\t' if !is_quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The arguments, if the words begin with a command's, whatever their case.
pub(super) fn arguments<'a>(words: &'a [String], command: &str) -> Option<&'a [String]> {
    let count = command.split(' ').count();
    let is_it = words.len() >= count
        && command.split(' ').zip(words).all(|(name, word)| word.eq_ignore_ascii_case(name));
    is_it.then(|| &words[count..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_asterisk_splits_them() {
        assert_eq!(
            split("SET VARIABLE \"A\" \"say \\\"hi\\\"\""),
            ["SET", "VARIABLE", "A", "say \"hi\""]
        );
        assert_eq!(split("a\tb \"\" c\\ d e\"f g\"h"), ["a", "b", "", "c d", "ef gh"]);
        assert_eq!(split("  "), Vec::<String>::new());
    }

    #[test]
    fn a_command_is_its_words_in_any_case() {
        let words = split("get variable X");
        assert_eq!(arguments(&words, "GET VARIABLE"), Some(&["X".to_owned()][..]));
        assert_eq!(arguments(&words, "GET FULL VARIABLE"), None);
        assert_eq!(arguments(&words[..1], "GET VARIABLE"), None);
    }
}
