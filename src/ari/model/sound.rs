//! Sounds.

models! {
    /// A sound that can be played.
    Sound {
        /// Its id: what stands behind `sound:` when it is played.
        id: String,
        /// What is said in it.
        text: Option<String>,
        /// The formats and languages that it is there in.
        formats: Vec<FormatLangPair>,
    }

    /// A file of a sound.
    FormatLangPair {
        /// The language.
        language: String,
        /// The format, such as `gsm`.
        format: String,
    }
}
