//! G.711: A-law and mu-law against 16-bit linear samples, by tables that the compiler makes.

/// Silence in mu-law.
pub const ULAW_SILENCE: u8 = 0xff;
/// Silence in A-law.
pub const ALAW_SILENCE: u8 = 0xd5;

const fn ulaw_to_linear(code: u8) -> i16 {
    let code = !code;
    let exponent = (code >> 4) & 7;
    let mantissa = (code & 15) as i16;
    let magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84;
    if code & 0x80 != 0 { -magnitude } else { magnitude }
}

const fn alaw_to_linear(code: u8) -> i16 {
    let code = code ^ 0x55;
    let exponent = (code >> 4) & 7;
    let mantissa = ((code & 15) as i16) << 4;
    let magnitude = if exponent == 0 { mantissa + 8 } else { (mantissa + 0x108) << (exponent - 1) };
    if code & 0x80 != 0 { magnitude } else { -magnitude }
}

const fn table(alaw: bool) -> [i16; 256] {
    let mut out = [0; 256];
    let mut i = 0;
    while i < 256 {
        out[i] = if alaw { alaw_to_linear(i as u8) } else { ulaw_to_linear(i as u8) };
        i += 1;
    }
    out
}

const ULAW: [i16; 256] = table(false);
const ALAW: [i16; 256] = table(true);

/// The linear sample of a mu-law code.
#[must_use]
pub const fn from_ulaw(code: u8) -> i16 {
    ULAW[code as usize]
}

/// The linear sample of an A-law code.
#[must_use]
pub const fn from_alaw(code: u8) -> i16 {
    ALAW[code as usize]
}

/// The mu-law code of a linear sample.
#[must_use]
pub const fn to_ulaw(sample: i16) -> u8 {
    let negative = sample < 0;
    let mut magnitude = sample.unsigned_abs();
    if magnitude > 32_635 {
        magnitude = 32_635;
    }
    let magnitude = magnitude + 0x84;
    let exponent = 8 - magnitude.leading_zeros() as u8;
    let mantissa = ((magnitude >> (exponent + 3)) & 15) as u8;
    !((if negative { 0x80 } else { 0 }) | exponent << 4 | mantissa)
}

/// The A-law code of a linear sample.
#[must_use]
pub const fn to_alaw(sample: i16) -> u8 {
    // Negative values are those of -1 and below, so that zero codes as the smallest positive step.
    let negative = sample < 0;
    let magnitude = if negative { !sample as u16 } else { sample as u16 };
    let leading = magnitude.leading_zeros() as u8;
    let exponent = 8_u8.saturating_sub(leading);
    let mantissa = if exponent == 0 { magnitude >> 4 } else { magnitude >> (exponent + 3) } as u8 & 15;
    ((if negative { 0 } else { 0x80 }) | exponent << 4 | mantissa) ^ 0x55
}

/// Codes one law in the other.
#[must_use]
pub const fn ulaw_to_alaw(code: u8) -> u8 {
    to_alaw(from_ulaw(code))
}

/// Codes one law in the other.
#[must_use]
pub const fn alaw_to_ulaw(code: u8) -> u8 {
    to_ulaw(from_alaw(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_comes_back_and_known_values_are_those_of_the_recommendation() {
        for code in 0..=255_u8 {
            assert_eq!(to_alaw(from_alaw(code)), code);
            // Mu-law has two zeros; the negative one comes back as the positive.
            let back = if code == 0x7f { 0xff } else { code };
            assert_eq!(to_ulaw(from_ulaw(code)), back);
        }
        // G.711 tables 1a and 2a, in the 16-bit scale: the ends and the smallest steps.
        assert_eq!((from_ulaw(0x80), from_ulaw(0x00), from_ulaw(0xff)), (32_124, -32_124, 0));
        assert_eq!((from_alaw(0xaa), from_alaw(0x2a), from_alaw(0xd5)), (32_256, -32_256, 8));
        assert_eq!((to_ulaw(0), to_alaw(0)), (ULAW_SILENCE, ALAW_SILENCE));
    }

    #[test]
    fn coding_is_monotonic_and_no_farther_off_than_half_a_step() {
        let (mut last_u, mut last_a) = (i16::MIN, i16::MIN);
        for sample in i16::MIN..=i16::MAX {
            let (u, a) = (from_ulaw(to_ulaw(sample)), from_alaw(to_alaw(sample)));
            assert!(u >= last_u && a >= last_a, "{sample}");
            (last_u, last_a) = (u, a);
            let clipped = i32::from(sample).clamp(-32_256, 32_256);
            let step = (clipped.abs() / 16).max(16) + 8;
            assert!((i32::from(a) - clipped).abs() <= step, "{sample} {a}");
            assert!((i32::from(u) - clipped).abs() <= step, "{sample} {u}");
        }
    }
}
