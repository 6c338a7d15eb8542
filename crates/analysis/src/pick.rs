//! Rows that may match something, picked out of all rows of a bucket: folds then look at these alone.
//!
//! Which row is wanted next cannot be foreseen, so all of it is free of branches: about a nanosecond a row.

/// One flag for every event code there can be, so that looking one up needs no check of bounds.
pub type Wanted = [bool; 1 << 16];

/// Rows looked at between two copies: what fits the first-level cache.
const BLOCK_ROWS: usize = 2048;

/// Rows whose event is wanted, ascending, and where each person begins among them (one more entry: their number).
/// `person_starts` has the first row of each person, and the number of rows.
pub fn find(wanted: &Wanted, events: &[u16], person_starts: &[usize]) -> (Vec<u32>, Vec<usize>) {
    let mut found = Vec::with_capacity(events.len() / 4);
    let mut starts = Vec::with_capacity(person_starts.len());
    let (mut block, mut n_found) = ([0_u32; BLOCK_ROWS], 0);
    for pair in person_starts.windows(2) {
        starts.push(found.len() + n_found);
        let mut row = pair[0];
        while row < pair[1] {
            let end = pair[1].min(row + BLOCK_ROWS - n_found);
            for (row, &event) in (row as u32..).zip(&events[row..end]) {
                // There is room for every row; the last one written is overwritten unless it was wanted.
                block[n_found & (BLOCK_ROWS - 1)] = row;
                n_found += usize::from(wanted[usize::from(event)]);
            }
            row = end;
            if n_found == BLOCK_ROWS {
                found.extend_from_slice(&block);
                n_found = 0;
            }
        }
    }
    found.extend_from_slice(&block[..n_found]);
    starts.push(found.len());
    (found, starts)
}

/// The times of some rows.
pub fn times(times_us: &[i64], rows: &[u32]) -> Vec<i64> {
    rows.iter().map(|&row| times_us[row as usize]).collect()
}

/// The codes of some rows; none if the column is absent.
pub fn codes(codes: &[u16], rows: &[u32]) -> Vec<u16> {
    if codes.is_empty() { Vec::new() } else { rows.iter().map(|&row| codes[row as usize]).collect() }
}

/// The mask of each row by its event: `by_event[code]`, 0 beyond.
pub fn masks(by_event: &[u64], events: &[u16], rows: &[u32]) -> Vec<u64> {
    let mask = |&row: &u32| by_event.get(usize::from(events[row as usize])).copied().unwrap_or(0);
    rows.iter().map(mask).collect()
}

/// Keeps those of `places` whose row (`rows[place]`) passes.
#[inline]
pub fn sift(places: &mut Vec<u32>, rows: &[u32], passes: impl Fn(usize) -> bool) {
    let mut n_kept = 0;
    for index in 0..places.len() {
        let place = places[index];
        places[n_kept] = place;
        n_kept += usize::from(passes(rows[place as usize] as usize));
    }
    places.truncate(n_kept);
}

/// As [`sift`], for a column of codes: `passes[code]`, and `beyond` for a code that has no entry.
pub fn sift_codes<C: Copy + Into<u32>>(
    places: &mut Vec<u32>,
    rows: &[u32],
    codes: &[C],
    passes: &[bool],
    beyond: bool,
) {
    sift(places, rows, |row| passes.get(codes[row].into() as usize).copied().unwrap_or(beyond));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_rows_are_found_and_stay_with_their_person() {
        let mut wanted = Box::new([false; 1 << 16]);
        (wanted[1], wanted[3], wanted[65_535]) = (true, true, true);
        let events = [0, 1, 3, 2, 9, 65_535, 0];
        // Persons with two rows, one, none that is wanted, and two.
        let (found, starts) = find(&wanted, &events, &[0, 2, 3, 5, 7]);
        assert_eq!((&found[..], &starts[..]), (&[1, 2, 5][..], &[0, 1, 2, 2, 3][..]));
        assert_eq!(find(&wanted, &[], &[0]), (vec![], vec![0]));
        assert_eq!(times(&[5, 6, 7, 8, 9, 10, 11], &found), [6, 7, 10]);
        assert_eq!(codes(&events, &found), [1, 3, 65_535]);
        assert_eq!(masks(&[0, 4, 0, 1], &events, &found), [4, 1, 0]);
    }

    #[test]
    fn every_wanted_row_of_many_blocks_is_found() {
        let mut wanted = Box::new([false; 1 << 16]);
        wanted[7] = true;
        for n_rows in [0, 1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 3 * BLOCK_ROWS + 5] {
            let person_starts: Vec<usize> =
                [0, 1, 2, 700, BLOCK_ROWS, BLOCK_ROWS + 9, 3 * BLOCK_ROWS, usize::MAX]
                    .map(|start| start.min(n_rows))
                    .to_vec();
            let all = vec![7; n_rows];
            let every = find(&wanted, &all, &person_starts);
            assert_eq!(every, ((0..n_rows as u32).collect::<Vec<_>>(), person_starts.clone()));
            let events: Vec<u16> = (0..n_rows).map(|row| if row % 5 == 3 { 7 } else { 8 }).collect();
            let naive: Vec<u32> = (0..n_rows as u32).filter(|row| row % 5 == 3).collect();
            let before = |start: &usize| naive.iter().filter(|&&row| (row as usize) < *start).count();
            let starts: Vec<usize> = person_starts.iter().map(before).collect();
            assert_eq!(find(&wanted, &events, &person_starts), (naive, starts));
        }
    }

    #[test]
    fn what_does_not_pass_is_sifted_out() {
        let rows = [10, 20, 30, 40];
        let mut places = vec![0, 2, 3];
        sift(&mut places, &rows, |row| row > 10);
        assert_eq!(places, [2, 3]);
        let mut codes = vec![0_u32; 41];
        (codes[30], codes[40]) = (9, 1);
        let mut twice = places.clone();
        sift_codes(&mut places, &rows, &codes, &[false, true], false);
        sift_codes(&mut twice, &rows, &codes, &[false, true], true);
        assert_eq!((places, twice), (vec![3], vec![2, 3]));
    }
}
