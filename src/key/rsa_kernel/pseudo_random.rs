//! Pseudo-random numbers for tests.

/// Pseudo-random numbers, the same in each run (xorshift64).
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 32) as u8).collect()
    }

    /// Long runs of ones and zeros, which make long carries.
    pub(super) fn runs(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        let (mut at, mut bit) = (0, self.next() & 1 == 1);
        while at < 8 * count {
            let end = (at + 1 + (self.next() >> 20) as usize % 90).min(8 * count);
            for at in at..end {
                bytes[at / 8] |= u8::from(bit) << (at % 8);
            }
            (at, bit) = (end, !bit);
        }
        bytes
    }
}
