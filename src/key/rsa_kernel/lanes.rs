//! Four limbs and four sums at a time: as WebAssembly's vectors, and elsewhere, where it is tested, as plain numbers.

use zeroize::DefaultIsZeroes;

#[cfg(target_arch = "wasm32")]
use std::arch::wasm32::*;

/// Four limbs.
#[cfg(target_arch = "wasm32")]
#[derive(Clone, Copy)]
pub(super) struct Limbs4(v128);

/// Four limbs.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy)]
pub(super) struct Limbs4([u32; 4]);

/// Four sums of products of limbs.
#[cfg(target_arch = "wasm32")]
#[derive(Clone, Copy)]
pub(super) struct Sums4(v128, v128);

/// Four sums of products of limbs.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy)]
pub(super) struct Sums4(pub(super) [u64; 4]);

#[cfg(target_arch = "wasm32")]
impl Limbs4 {
    #[inline]
    #[target_feature(enable = "simd128")]
    pub(super) fn new([a, b, c, d]: [u32; 4]) -> Self {
        Self(u32x4(a, b, c, d))
    }

    #[inline]
    #[target_feature(enable = "simd128")]
    pub(super) fn splat(limb: u32) -> Self {
        Self(u32x4_splat(limb))
    }

    #[inline]
    #[target_feature(enable = "simd128")]
    pub(super) fn get(self) -> [u32; 4] {
        let Self(limbs) = self;
        [
            u32x4_extract_lane::<0>(limbs),
            u32x4_extract_lane::<1>(limbs),
            u32x4_extract_lane::<2>(limbs),
            u32x4_extract_lane::<3>(limbs),
        ]
    }

    #[inline]
    #[target_feature(enable = "simd128")]
    pub(super) fn and(self, Self(mask): Self) -> Self {
        Self(v128_and(self.0, mask))
    }

    #[inline]
    #[target_feature(enable = "simd128")]
    pub(super) fn or(self, Self(other): Self) -> Self {
        Self(v128_or(self.0, other))
    }

    #[inline]
    #[target_feature(enable = "simd128")]
    pub(super) fn doubled(self) -> Self {
        Self(u32x4_shl(self.0, 1))
    }

    /// `self`, and what of it moves up from `lower` by one, two and three limbs.
    #[inline]
    #[target_feature(enable = "simd128")]
    pub(super) fn move_up(self, Self(lower): Self, [a, b, c, d]: &mut [Self; 4]) {
        *a = self;
        *b = Self(u32x4_shuffle::<3, 4, 5, 6>(lower, self.0));
        *c = Self(u32x4_shuffle::<2, 3, 4, 5>(lower, self.0));
        *d = Self(u32x4_shuffle::<1, 2, 3, 4>(lower, self.0));
    }
}

#[cfg(target_arch = "wasm32")]
impl Sums4 {
    #[inline]
    #[target_feature(enable = "simd128")]
    pub(super) fn new([a, b, c, d]: [u64; 4]) -> Self {
        Self(u64x2(a, b), u64x2(c, d))
    }

    #[inline]
    #[target_feature(enable = "simd128")]
    pub(super) fn get(self) -> [u64; 4] {
        let Self(low, high) = self;
        [u64x2_extract_lane::<0>(low), u64x2_extract_lane::<1>(low), u64x2_extract_lane::<0>(high), u64x2_extract_lane::<1>(high)]
    }

    /// Adds the products of limbs at the same place.
    #[inline]
    #[target_feature(enable = "simd128")]
    pub(super) fn add_products(&mut self, Limbs4(a): Limbs4, Limbs4(b): Limbs4) {
        self.0 = u64x2_add(self.0, u64x2_extmul_low_u32x4(a, b));
        self.1 = u64x2_add(self.1, u64x2_extmul_high_u32x4(a, b));
    }

    /// Keeps the lowest bits of each sum and adds the others of its lower neighbour, which is the last of `lower` for the first sum.
    #[inline]
    #[target_feature(enable = "simd128")]
    pub(super) fn carried(self, lower: Self, bits: u32) -> Self {
        let mask = u64x2_splat((1 << bits) - 1);
        let carry = |lower, sum| u64x2_shr(u64x2_shuffle::<1, 2>(lower, sum), bits);
        let Self(low, high) = self;
        Self(u64x2_add(v128_and(low, mask), carry(lower.1, low)), u64x2_add(v128_and(high, mask), carry(low, high)))
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Limbs4 {
    pub(super) fn new(limbs: [u32; 4]) -> Self {
        Self(limbs)
    }

    pub(super) fn splat(limb: u32) -> Self {
        Self([limb; 4])
    }

    pub(super) fn get(self) -> [u32; 4] {
        self.0
    }

    pub(super) fn and(self, Self([a, b, c, d]): Self) -> Self {
        let Self([w, x, y, z]) = self;
        Self([a & w, b & x, c & y, d & z])
    }

    pub(super) fn or(self, Self([a, b, c, d]): Self) -> Self {
        let Self([w, x, y, z]) = self;
        Self([a | w, b | x, c | y, d | z])
    }

    pub(super) fn doubled(self) -> Self {
        Self(self.0.map(|limb| limb * 2))
    }

    /// `self`, and what of it moves up from `lower` by one, two and three limbs.
    pub(super) fn move_up(self, Self([_, x, y, z]): Self, moved: &mut [Self; 4]) {
        let [a, b, c, d] = self.0;
        *moved = [Self([a, b, c, d]), Self([z, a, b, c]), Self([y, z, a, b]), Self([x, y, z, a])];
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Sums4 {
    pub(super) fn new(sums: [u64; 4]) -> Self {
        Self(sums)
    }

    pub(super) fn get(self) -> [u64; 4] {
        self.0
    }

    /// Adds the products of limbs at the same place.
    pub(super) fn add_products(&mut self, Limbs4([a0, a1, a2, a3]): Limbs4, Limbs4([b0, b1, b2, b3]): Limbs4) {
        let [s0, s1, s2, s3] = &mut self.0;
        *s0 += a0 as u64 * b0 as u64;
        *s1 += a1 as u64 * b1 as u64;
        *s2 += a2 as u64 * b2 as u64;
        *s3 += a3 as u64 * b3 as u64;
    }

    /// Keeps the lowest bits of each sum and adds the others of its lower neighbour, which is the last of `lower` for the first sum.
    pub(super) fn carried(self, Self([_, _, _, lower]): Self, bits: u32) -> Self {
        let [a, b, c, d] = self.0;
        Self([(a, lower), (b, a), (c, b), (d, c)].map(|(sum, lower)| (sum & ((1 << bits) - 1)) + (lower >> bits)))
    }
}

/// JavaScriptCore interprets a function until it has run for a while, but compiles one that has vectors when it is first called. This is
/// one, for functions that need no other.
#[cfg(target_arch = "wasm32")]
#[inline]
#[target_feature(enable = "simd128")]
pub(super) fn compile_at_once() {
    std::hint::black_box(Limbs4::splat(0));
}

#[cfg(not(target_arch = "wasm32"))]
pub(super) fn compile_at_once() {}

impl Default for Limbs4 {
    fn default() -> Self {
        Self::new([0; 4])
    }
}

impl Default for Sums4 {
    fn default() -> Self {
        Self::new([0; 4])
    }
}

impl DefaultIsZeroes for Limbs4 {}
impl DefaultIsZeroes for Sums4 {}
