//! Sizes and times as people read them.

/// Bytes, such as `1.2 GB`.
pub(super) fn bytes(bytes: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = bytes.saturating_mul(10) / unit;
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
    }
    format!("{bytes} bytes")
}

/// Seconds, such as `0.8 s` or `12 min`.
pub(super) fn seconds(seconds: f64) -> String {
    match seconds {
        few if few < 120.0 => format!("{few:.1} s"),
        some if some < 7_200.0 => format!("{:.0} min", some / 60.0),
        many => format!("{:.1} h", many / 3_600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_short() {
        assert_eq!(bytes(512), "512 bytes");
        assert_eq!(bytes(8_192), "8.0 kB");
        assert_eq!(bytes(1_288_490_188), "1.1 GB");
        assert_eq!(seconds(0.84), "0.8 s");
        assert_eq!(seconds(600.0), "10 min");
        assert_eq!(seconds(9_000.0), "2.5 h");
    }
}
