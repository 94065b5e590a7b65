//! Changes between whole calendar periods, and changes with the rise of prices taken out.

use jiff::civil::Date;
use proofreel_model::series::{Frequency, SeriesRef};

use super::RecomputeError;
use super::formulas::{Check, untrue};
use super::periods::period;

impl Check<'_, '_> {
    pub(super) fn real_change(
        &mut self,
        (series, deflator): (&SeriesRef, &SeriesRef),
        (from, to): (Date, Date),
        over: Frequency,
        observations: u32,
    ) -> Result<f64, RecomputeError> {
        let nominal = self.over_base(series, from, to)?;
        let base = self.mean_of(deflator, from, over, observations)?;
        let end = self.mean_of(deflator, to, over, observations)?;
        Ok((nominal * base / end - 1.0) * 100.0)
    }

    /// Mean of a series in the calendar period that holds `at`; every observation of the period must be there.
    pub(super) fn mean_of(
        &mut self,
        series: &SeriesRef,
        at: Date,
        over: Frequency,
        observations: u32,
    ) -> Result<f64, RecomputeError> {
        let own = match (over, observations) {
            (Frequency::Monthly, 1) | (Frequency::Quarterly, 3) | (Frequency::Annual, 12) => Frequency::Monthly,
            (Frequency::Quarterly, 1) | (Frequency::Annual, 4) => Frequency::Quarterly,
            (Frequency::Annual, 1) => Frequency::Annual,
            _ => return Err(untrue(series, format!("{observations} observations make no {}", over.noun()))),
        };
        let column = self.recomputer.column(series)?;
        let named = self.named(series)?;
        let wanted = period(at, over);
        let (mut sum, mut read) = (0.0, Vec::new());
        for (place, (date, value, row)) in column.dated.iter().enumerate() {
            if period(*date, over) != wanted {
                continue;
            }
            if named.contains(row) {
                sum += value;
                read.push((*date, *row));
            } else if !column.doubtful(place, own) {
                return Err(RecomputeError::Rows {
                    series: series.key(),
                    detail: format!("row {row} ({date}) lies in the {} averaged and is not named", over.noun()),
                });
            }
        }
        let apart = read.windows(2).all(|pair| period(pair[0].0, own) < period(pair[1].0, own));
        if read.len() != observations as usize || !apart {
            return Err(untrue(
                series,
                format!("the {} of {at} is not whole: {} observations", over.noun(), read.len()),
            ));
        }
        self.read.extend(read.into_iter().map(|(_, row)| (series.resource.clone(), row)));
        let mean = sum / f64::from(observations);
        if mean > 0.0 { Ok(mean) } else { Err(untrue(series, format!("its mean at {at} is not positive"))) }
    }
}
