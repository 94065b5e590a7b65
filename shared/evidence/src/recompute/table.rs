//! A small reader of delimited text: quotes, doubled quotes, any line ending.

/// Rows of cells, trimmed; rows without content are dropped.
pub(super) fn rows(text: &str, delimiter: char, quote: char, comment: Option<char>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut line_start = true;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if line_start && comment == Some(c) {
            while chars.next_if(|c| *c != '\n').is_some() {}
            chars.next();
            continue;
        }
        line_start = false;
        if quoted {
            if c != quote {
                cell.push(c);
            } else if chars.next_if_eq(&quote).is_some() {
                cell.push(quote);
            } else {
                quoted = false;
            }
        } else if c == quote && cell.is_empty() {
            quoted = true;
        } else if c == delimiter {
            row.push(std::mem::take(&mut cell));
        } else if c == '\n' || c == '\r' {
            row.push(std::mem::take(&mut cell));
            rows.push(std::mem::take(&mut row));
            line_start = true;
        } else {
            cell.push(c);
        }
    }
    row.push(cell);
    rows.push(row);
    for row in &mut rows {
        for cell in row.iter_mut() {
            *cell = cell.trim().to_owned();
        }
    }
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    rows
}

/// The delimiter of a header line: the declared one when it occurs, else the commonest of four.
pub(super) fn delimiter(text: &str, declared: Option<char>) -> char {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if let Some(declared) = declared.filter(|declared| header.contains(*declared)) {
        return declared;
    }
    let mut best = (',', 0);
    for candidate in [',', ';', '\t', '|'] {
        let outside: usize = header.split('"').step_by(2).map(|part| part.matches(candidate).count()).sum();
        if outside > best.1 {
            best = (candidate, outside);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_line_endings_and_blank_rows() {
        let text = "a,b\r\n\"x, y\",\"say \"\"hi\"\"\"\n\n1 , 2";
        assert_eq!(rows(text, ',', '"', None), [["a", "b"], ["x, y", "say \"hi\""], ["1", "2"]]);
        assert_eq!(delimiter("date;\"a,b,c\"\n", None), ';');
        assert_eq!(rows("#note\na,b\n", ',', '"', Some('#')), [["a", "b"]]);
    }
}
