//! Lengths of time that are numbers on the wire, by what is counted.

use std::time::Duration;

use super::lenient::Lenient;

/// Each wraps a `Duration`, or an `Option` of one, while it is read or written.
macro_rules! units {
    ($( $(#[$doc:meta])* $unit:ident: $from:ident, $count:ident, $in_a_second:literal; )*) => { $(
        $(#[$doc])*
        pub(crate) struct $unit<T>(pub(crate) T);

        impl Lenient for $unit<Option<Duration>> {
            fn missing() -> Self {
                Self(None)
            }
            fn from_text(text: &str) -> Option<Self> {
                let text = text.trim();
                let whole = text.parse().ok().map(Duration::$from);
                let broken = || {
                    let seconds = text.parse::<f64>().ok()? / $in_a_second;
                    Duration::try_from_secs_f64(seconds).ok()
                };
                whole.or_else(broken).map(|duration| Self(Some(duration)))
            }
        }

        impl Lenient for $unit<Duration> {
            fn missing() -> Self {
                Self(Duration::ZERO)
            }
            fn from_text(text: &str) -> Option<Self> {
                $unit::<Option<Duration>>::from_text(text)?.0.map(Self)
            }
        }

        impl serde::Serialize for $unit<&Duration> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                u64::try_from(self.0.$count()).unwrap_or(u64::MAX).serialize(serializer)
            }
        }

        impl serde::Serialize for $unit<&Option<Duration>> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.as_ref().map($unit).serialize(serializer)
            }
        }
    )* };
}

units! {
    /// Seconds.
    Secs: from_secs, as_secs, 1.0;
    /// Milliseconds.
    Millis: from_millis, as_millis, 1e3;
    /// Microseconds.
    Micros: from_micros, as_micros, 1e6;
}

impl Lenient for Duration {
    /// Without a unit it is none.
    fn missing() -> Self {
        Self::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Lenient>(json: &str) -> T {
        T::read(&mut serde_json::Deserializer::from_str(json)).unwrap()
    }

    #[test]
    fn a_length_of_time_is_read_from_numbers_and_texts() {
        assert_eq!(read::<Millis<Duration>>("120").0, Duration::from_millis(120));
        assert_eq!(read::<Millis<Duration>>("null").0, Duration::ZERO);
        assert_eq!(
            read::<Micros<Option<Duration>>>(r#""1234""#).0,
            Some(Duration::from_micros(1234))
        );
        assert_eq!(read::<Secs<Option<Duration>>>("1.5").0, Some(Duration::from_millis(1500)));
        for none in ["-1", r#""""#, "null", "{}", "1e300"] {
            assert_eq!(read::<Secs<Option<Duration>>>(none).0, None, "{none}");
        }
        let wire = serde_json::to_value(Millis(&Some(Duration::from_millis(120)))).unwrap();
        assert_eq!(wire, 120);
    }
}
