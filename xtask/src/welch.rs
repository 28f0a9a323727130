//! Tests whether two classes of measurements have the same mean: Welch's t, as in Reparaz, Balasch and Verbauwhede, *Dude, is my code
//! constant time?*, 2017.

/// A smaller t may be chance; a larger one shows a difference (Goodwill and others, *A testing methodology for side-channel
/// resistance validation*, 2011).
pub const THRESHOLD: f64 = 4.5;

/// Measurements of two classes: a class, 0 or 1, and a number.
pub type Samples = Vec<(usize, f64)>;

#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    pub t: f64,
    /// How much larger the mean of class 1 is, relative to the mean of all.
    pub difference: f64,
    /// The difference of the means, relative to the mean, that would have been found nine times in ten.
    pub detectable: f64,
}

/// Compares the means.
pub fn compare(samples: &[(usize, f64)]) -> Comparison {
    let (mut counts, mut means, mut squares) = ([0.0; 2], [0.0; 2], [0.0; 2]);
    for &(class, value) in samples {
        // Welford's recurrence.
        counts[class] += 1.0;
        let delta = value - means[class];
        means[class] += delta / counts[class];
        squares[class] += delta * (value - means[class]);
    }
    let error = (0..2).map(|class| squares[class] / (counts[class] - 1.0) / counts[class]).sum::<f64>().sqrt();
    let mean = (means[0] * counts[0] + means[1] * counts[1]) / (counts[0] + counts[1]);
    let difference = means[1] - means[0];
    let t = if difference == 0.0 { 0.0 } else { difference / error };
    // The normal distribution is below 1.2816 nine times in ten.
    Comparison { t, difference: difference / mean, detectable: (THRESHOLD + 1.2816) * error / mean }
}

/// The comparison with the largest t, of all samples and of those below some percentiles: interrupts make a process slow, and have
/// nothing to do with secrets.
pub fn worst(samples: &Samples) -> Comparison {
    let mut sorted: Vec<f64> = samples.iter().map(|(_, value)| *value).collect();
    sorted.sort_by(f64::total_cmp);
    let cropped = [0.5, 0.7, 0.8, 0.9, 0.95, 0.99].map(|part| {
        let limit = sorted[((sorted.len() - 1) as f64 * part) as usize];
        samples.iter().copied().filter(|(_, value)| *value <= limit).collect::<Samples>()
    });
    let all = cropped
        .iter()
        .map(|samples| compare(samples))
        .fold(compare(samples), |worst, comparison| if comparison.t.abs() > worst.t.abs() { comparison } else { worst });
    // Without the slowest tenth, the spread is the code's own.
    Comparison { detectable: compare(&cropped[3]).detectable, ..all }
}

/// Reads lines with a class and a number.
pub fn read(printed: &str) -> Option<Samples> {
    let line = |line: &str| {
        let (class, value) = line.split_once(' ')?;
        Some((class.parse().ok().filter(|class| *class < 2)?, value.parse().ok()?))
    };
    let samples: Samples = printed.lines().map(line).collect::<Option<_>>()?;
    [0, 1].iter().all(|class| samples.iter().filter(|(of, _)| of == class).count() >= 2).then_some(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of twelve uniform numbers, close to normal; the same in each run (xorshift64).
    fn normal(state: &mut u64) -> f64 {
        let mut next = || {
            *state ^= *state << 13;
            *state ^= *state >> 7;
            *state ^= *state << 17;
            (*state >> 11) as f64 / (1u64 << 53) as f64
        };
        (0..12).map(|_| next()).sum::<f64>() - 6.0
    }

    fn samples(seed: u64, count: usize, shift: f64) -> Samples {
        let mut state = seed;
        (0..count).map(|at| (at % 2, 1000.0 + 10.0 * normal(&mut state) + if at % 2 == 1 { shift } else { 0.0 })).collect()
    }

    /// Two samples of a worked example: Wikipedia, *Welch's t-test*, example 2.
    #[test]
    fn t_is_that_of_a_worked_example() {
        let one = [17.2, 20.9, 22.6, 18.1, 21.7, 21.4, 23.5, 24.2, 14.7, 21.8];
        let two = [
            21.5, 22.8, 21.0, 23.0, 21.6, 23.6, 22.5, 20.7, 23.4, 21.8, 20.7, 21.7, 21.5, 22.5, 23.6, 21.5, 22.5, 23.5, 21.5,
            21.8,
        ];
        let samples: Samples = one.map(|value| (0, value)).into_iter().chain(two.map(|value| (1, value))).collect();
        let comparison = compare(&samples);
        assert!((comparison.t - 1.57).abs() < 0.01, "{comparison:?}");
    }

    #[test]
    fn the_same_distribution_stays_below_the_threshold() {
        let above = (1..200).filter(|seed| worst(&samples(seed * 7919, 2_000, 0.0)).t.abs() > THRESHOLD).count();
        assert_eq!(above, 0, "of 199");
    }

    #[test]
    fn what_is_detectable_is_detected_nine_times_in_ten() {
        let detectable = compare(&samples(1, 10_000, 0.0)).detectable * 1000.0;
        let detected = (1..200).filter(|seed| compare(&samples(seed * 104_729, 10_000, detectable)).t > THRESHOLD).count();
        assert!((165..=195).contains(&detected), "{detected} of 199");
        let missed = (1..200).filter(|seed| compare(&samples(seed * 104_729, 10_000, detectable / 4.0)).t > THRESHOLD).count();
        assert!(missed < 10, "{missed} of 199");
    }

    #[test]
    fn a_difference_shows_through_interruptions() {
        let mut interrupted = samples(11, 20_000, 3.0);
        interrupted.iter_mut().step_by(37).for_each(|(_, value)| *value += 1e6);
        assert!(compare(&interrupted).t.abs() < THRESHOLD);
        assert!(worst(&interrupted).t > THRESHOLD);
    }

    #[test]
    fn lines_are_read_or_refused() {
        assert_eq!(read("0 5\n1 6\n0 7\n1 8\n"), Some(vec![(0, 5.0), (1, 6.0), (0, 7.0), (1, 8.0)]));
        for printed in ["", "0 5", "0 5\n1 6", "0 5\n2 6\n1 1\n1 2\n0 3", "0 5\n1 6\nnonsense"] {
            assert_eq!(read(printed), None, "{printed}");
        }
    }
}
