//! Points of P-256 for WebAssembly: y² = x³ - 3x + b modulo the prime.

use crate::key::p256_field::{
    Number, ONE, bytes, carry, difference_of_products, enter, inverse, is_zero, leave, multiply, number, square, square_root,
    subtract, times,
};

/// The x and the y of a point.
pub(super) type Affine = [Number; 2];

/// Their bytes, the highest first.
pub(super) type Coordinates = [[u8; 32]; 2];

const B: [u8; 32] = *b"\x5a\xc6\x35\xd8\xaa\x3a\x93\xe7\xb3\xeb\xbd\x55\x76\x98\x86\xbc\x65\x1d\x06\xb0\xcc\x53\xb0\xf6\x3b\xce\x3c\x3e\x27\xd2\x60\x4b";

pub(super) const GENERATOR: Coordinates = [
    *b"\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96",
    *b"\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5",
];

/// Into the form that is calculated with.
pub(super) fn affine(coordinates: &Coordinates) -> Affine {
    coordinates.each_ref().map(|bytes| enter(&number(bytes)))
}

/// `x³ - 3x + b`.
fn right_side(x: &Number) -> Number {
    let mut sum = subtract(&multiply(&square(x), x), &times(x, 3));
    sum.iter_mut().zip(enter(&number(&B))).for_each(|(limb, b)| *limb += b);
    carry(&mut sum);
    sum
}

pub(super) fn is_on_curve([x, y]: &Affine) -> bool {
    is_zero(&subtract(&square(y), &right_side(x)))
}

/// The point of SEC1 (section 2.3.4), compressed or not; nothing, if it is none of the curve or the infinite one.
pub(super) fn from_sec1(sec1: &[u8]) -> Option<Coordinates> {
    let coordinate = |bytes: &[u8]| {
        let number = enter(&number(bytes));
        // Below the prime.
        (bytes.len() == 32 && self::bytes(&leave(&number)) == bytes).then_some(number)
    };
    let point = match sec1 {
        [4, coordinates @ ..] => {
            let (x, y) = coordinates.split_at_checked(32)?;
            [coordinate(x)?, coordinate(y)?]
        }
        [parity @ 2..=3, x @ ..] => {
            let x = coordinate(x)?;
            let root = square_root(&right_side(&x));
            let is_other = (leave(&root)[0] ^ i64::from(*parity)) & 1 == 1;
            [x, if is_other { times(&root, -1) } else { root }]
        }
        _ => return None,
    };
    is_on_curve(&point).then(|| coordinates(&point))
}

/// Out of the form that is calculated with.
pub(super) fn coordinates(point: &Affine) -> Coordinates {
    point.each_ref().map(|number| bytes(&leave(number)))
}

/// `x / z²` and `y / z³` are its coordinates (Jacobian ones).
#[derive(Clone)]
pub(super) struct Point {
    pub(super) x: Number,
    pub(super) y: Number,
    pub(super) z: Number,
}

impl Point {
    /// Adds another point, not infinite and neither this one nor its negative, as this one is not (Hankerson, Menezes and Vanstone,
    /// *Guide to Elliptic Curve Cryptography*, algorithm 3.22). With x, y and z up to 6, 2.7 and 2 primes they stay so.
    #[cfg_attr(countersign_module, optimize(speed))]
    pub(super) fn add(&mut self, [x, y]: &[Number; 2]) {
        let squared = square(&self.z);
        let e = subtract(&multiply(x, &squared), &self.x);
        let f = subtract(&multiply(y, &multiply(&squared, &self.z)), &self.y);
        self.z = multiply(&self.z, &e);
        let squared = square(&e);
        let cubed = multiply(&squared, &e);
        let middle = multiply(&self.x, &squared);
        self.x = subtract(&subtract(&square(&f), &cubed), &times(&middle, 2));
        carry(&mut self.x);
        let difference = subtract(&middle, &self.x);
        self.y = difference_of_products([&f, &difference], [&self.y, &cubed]);
    }

    /// Doubles it (the same, algorithm 3.21). With x, y and z up to 6, 2.7 and 2 primes they stay so.
    #[cfg_attr(countersign_module, optimize(speed))]
    pub(super) fn double(&mut self) {
        let z_squared = square(&self.z);
        let y_squared = square(&self.y);
        let s = multiply(&self.x, &y_squared);
        let mut sum = times(&z_squared, -1);
        sum.iter_mut().zip(&self.x).for_each(|(limb, x)| *limb = x - *limb);
        carry(&mut sum);
        let m = times(&multiply(&subtract(&self.x, &z_squared), &sum), 3);
        self.z = multiply(&self.z, &times(&self.y, 2));
        // One brings it from 10 primes to 1.4.
        self.x = multiply(&subtract(&square(&m), &times(&s, 8)), &ONE);
        let difference = subtract(&times(&s, 4), &self.x);
        self.y = difference_of_products([&m, &difference], [&times(&y_squared, 8), &y_squared]);
    }

    /// The plain coordinates of a point that is not infinite; of the infinite one, what is no point of the curve.
    pub(super) fn affine(&self) -> Affine {
        self.times_inverse(&inverse(&self.z))
    }

    /// The same, where one divided by z is known.
    pub(super) fn times_inverse(&self, inverse: &Number) -> Affine {
        let squared = square(inverse);
        [multiply(&self.x, &squared), multiply(&self.y, &multiply(&squared, inverse))]
    }

    /// The sum with another point that is not infinite; nothing stands for the infinite point. Takes a time that depends on the points.
    fn sum(mut self, addend: &Affine) -> Option<Self> {
        let [x, y] = addend;
        let squared = square(&self.z);
        if !is_zero(&subtract(&multiply(x, &squared), &self.x)) {
            self.add(addend);
            return Some(self);
        }
        if !is_zero(&subtract(&multiply(y, &multiply(&squared, &self.z)), &self.y)) {
            return None;
        }
        self.double();
        Some(self)
    }
}

impl From<&Affine> for Point {
    fn from([x, y]: &Affine) -> Self {
        Self { x: *x, y: *y, z: ONE }
    }
}

/// The generator times one number and a point times another; nothing, if that is infinite. All of it is public: it takes a time
/// that depends on the numbers.
pub(super) fn sum_of_multiples(of_generator: &[u8; 32], of_point: &[u8; 32], point: &Affine) -> Option<Affine> {
    let generator = affine(&GENERATOR);
    let both = Point::from(&generator).sum(point).map(|sum| sum.affine());
    let mut sum: Option<Point> = None;
    for (first, second) in of_generator.iter().zip(of_point) {
        for bit in (0..8).rev() {
            if let Some(sum) = &mut sum {
                sum.double();
            }
            let addend = match (first >> bit & 1, second >> bit & 1) {
                (0, 0) => None,
                (_, 0) => Some(&generator),
                (0, _) => Some(point),
                _ => both.as_ref(),
            };
            sum = match (sum, addend) {
                (Some(sum), Some(addend)) => sum.sum(addend),
                (None, Some(addend)) => Some(addend.into()),
                (sum, None) => sum,
            };
        }
    }
    sum.map(|sum| sum.affine())
}

#[cfg(test)]
mod tests {
    use p256::elliptic_curve::Generate as _;
    use p256::elliptic_curve::group::Group as _;
    use p256::elliptic_curve::sec1::ToSec1Point as _;
    use p256::{AffinePoint, ProjectivePoint, PublicKey, Scalar};

    use super::*;

    fn sec1(point: &AffinePoint, is_compressed: bool) -> Vec<u8> {
        point.to_sec1_point(is_compressed).as_bytes().to_vec()
    }

    fn random_point() -> AffinePoint {
        ProjectivePoint::mul_by_generator(&Scalar::generate()).to_affine()
    }

    #[test]
    fn points_are_read_as_by_the_crate() {
        for at in 0..300 {
            let point = random_point();
            let [whole, compressed] = [false, true].map(|is_compressed| sec1(&point, is_compressed));
            let expected = Some([&whole[1..33], &whole[33..]].map(|bytes| bytes.try_into().unwrap()));
            assert_eq!(from_sec1(&whole), expected);
            assert_eq!(from_sec1(&compressed), expected);
            for mut spoilt in [whole, compressed] {
                let last = spoilt.len() - 1;
                spoilt[1 + at % last] ^= 1 << (at % 8);
                assert_eq!(from_sec1(&spoilt).is_some(), PublicKey::from_sec1_bytes(&spoilt).is_ok());
                assert_eq!(from_sec1(&spoilt[..last]), None);
                assert_eq!(from_sec1(&[spoilt.as_slice(), &[0]].concat()), None);
            }
        }
    }

    #[test]
    fn what_is_not_below_the_prime_is_no_coordinate() {
        let prime = *b"\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
        // There is a point whose x is this: x and the prime and x are the same number, and fit in 32 bytes.
        let small = (0..=255).find(|x| from_sec1(&[&[2], [0; 31].as_slice(), &[*x]].concat()).is_some()).unwrap();
        let mut larger = prime;
        let mut carry = u16::from(small);
        for byte in larger.iter_mut().rev() {
            carry += u16::from(*byte);
            *byte = carry as u8;
            carry >>= 8;
        }
        assert_eq!(carry, 0);
        for x in [prime, larger, [0xff; 32]] {
            assert_eq!(from_sec1(&[&[2], x.as_slice()].concat()), None);
        }
        for sec1 in [[].as_slice(), &[0], &[4], &[2], &[5; 33], &[6; 65]] {
            assert_eq!(from_sec1(sec1), None);
        }
    }

    fn of_crate(first: &Scalar, second: &Scalar, point: &AffinePoint) -> Option<Coordinates> {
        let sum = ProjectivePoint::mul_by_generator(first) + ProjectivePoint::from(*point) * second;
        let sec1 = sec1(&sum.to_affine(), false);
        let [4, coordinates @ ..] = sec1.as_slice() else { return None };
        let (x, y) = coordinates.split_at(32);
        Some([x.try_into().unwrap(), y.try_into().unwrap()])
    }

    /// Points that are the generator, its negative or small multiples meet themselves and their negatives on the way.
    #[test]
    fn sums_of_multiples_equal_those_of_the_crate() {
        let small = |number: u64| [Scalar::from(number), -Scalar::from(number)];
        let mut points: Vec<AffinePoint> =
            (1..5).flat_map(small).map(|number| ProjectivePoint::mul_by_generator(&number).to_affine()).collect();
        points.extend([random_point(), random_point()]);
        let mut numbers: Vec<Scalar> = (0..8).flat_map(small).collect();
        numbers.extend([Scalar::generate(), Scalar::generate()]);
        let mut infinite = 0;
        for point in &points {
            let ours = affine(&from_sec1(&sec1(point, false)).unwrap());
            for first in &numbers {
                for second in &numbers {
                    let sum = sum_of_multiples(&first.to_bytes().into(), &second.to_bytes().into(), &ours);
                    let expected = of_crate(first, second, point);
                    infinite += usize::from(expected.is_none());
                    assert_eq!(sum.map(|sum| coordinates(&sum)), expected, "{first:?} {second:?} {point:?}");
                }
            }
        }
        assert!(infinite > 50, "{infinite}");
    }
}
