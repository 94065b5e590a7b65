//! JSON-stat 2.0: a cube of values in row-major order over its dimensions.
//!
//! Contract: <https://json-stat.org/full/>: `id` and `size` name the dimensions; `category.index` is a list or an object of places;
//! `value` is a list with nulls, or an object that leaves holes out.

use proofreel_ports::{ProviderInfo, SourceError};
use serde_json::Value;

use super::desk::{at, drift, list, maybe, text};
use super::package::clip;

/// A dimension: its id and its categories in order, each with its label.
pub(crate) struct Dimension {
    pub id: String,
    pub categories: Vec<(String, String)>,
}

/// A cube.
pub(crate) struct Cube<'a> {
    pub dimensions: Vec<Dimension>,
    value: &'a Value,
}

impl<'a> Cube<'a> {
    /// Reads the dimensions; sizes and categories must agree.
    pub(crate) fn read(info: &ProviderInfo, json: &'a Value) -> Result<Self, SourceError> {
        if maybe(json, "/class") != "dataset" {
            return Err(drift(info, "`class` is not `dataset`"));
        }
        let (ids, sizes) = (list(info, json, "/id")?, list(info, json, "/size")?);
        let mut dimensions = Vec::new();
        for (n, id) in ids.iter().enumerate() {
            let id = id.as_str().ok_or_else(|| drift(info, "`id` holds more than texts"))?;
            let size = sizes
                .get(n)
                .and_then(Value::as_u64)
                .ok_or_else(|| drift(info, format!("`size` of `{id}` is missing")))?;
            let dimension = json
                .get("dimension")
                .and_then(|all| all.get(id))
                .ok_or_else(|| drift(info, format!("`dimension.{id}` is missing")))?;
            let categories = categories(info, id, at(info, dimension, "/category")?)?;
            if categories.len() as u64 != size {
                return Err(drift(info, format!("`{id}` has {} categories, its size is {size}", categories.len())));
            }
            dimensions.push(Dimension { id: id.to_owned(), categories });
        }
        let value = at(info, json, "/value")?;
        let cells: usize = dimensions.iter().map(|dimension| dimension.categories.len()).product();
        let held =
            value.as_array().map_or_else(|| value.as_object().map(serde_json::Map::len), |list| Some(list.len()));
        match held {
            Some(held) if value.is_array() && held != cells => Err(SourceError::CutShort {
                provider: info.name.into(),
                id: text(info, json, "/label")?,
                got: held,
                promised: cells,
            }),
            Some(_) => Ok(Self { dimensions, value }),
            None => Err(drift(info, "`value` is neither a list nor an object")),
        }
    }

    /// The cell at a place of each dimension; null for a hole.
    pub(crate) fn cell(&self, places: &[usize]) -> &Value {
        let place =
            self.dimensions.iter().zip(places).fold(0, |so_far, (d, place)| so_far * d.categories.len() + place);
        let found = match self.value {
            Value::Array(values) => values.get(place),
            Value::Object(values) => values.get(&place.to_string()),
            _ => None,
        };
        found.unwrap_or(&Value::Null)
    }

    /// Place of a dimension.
    pub(crate) fn at(&self, id: &str) -> Option<usize> {
        self.dimensions.iter().position(|dimension| dimension.id == id)
    }
}

/// Categories in the order of their places. A dimension of one category may leave its index out.
fn categories(info: &ProviderInfo, id: &str, category: &Value) -> Result<Vec<(String, String)>, SourceError> {
    let labels = category.get("label").and_then(Value::as_object);
    let label = |code: &str| labels.and_then(|labels| labels.get(code)?.as_str()).map_or_else(|| code.to_owned(), clip);
    let wrong = || drift(info, format!("`dimension.{id}.category.index` is not of the published shape"));
    let codes: Vec<String> = match category.get("index") {
        Some(Value::Array(codes)) => {
            codes.iter().map(|code| code.as_str().map(str::to_owned).ok_or_else(wrong)).collect::<Result<_, _>>()?
        }
        Some(Value::Object(places)) => {
            let mut placed = places
                .iter()
                .map(|(code, place)| Some((place.as_u64()?, code.clone())))
                .collect::<Option<Vec<_>>>()
                .ok_or_else(wrong)?;
            placed.sort();
            if placed.iter().enumerate().any(|(n, (place, _))| *place != n as u64) {
                return Err(wrong());
            }
            placed.into_iter().map(|(_, code)| code).collect()
        }
        None => labels.filter(|labels| labels.len() == 1).ok_or_else(wrong)?.keys().cloned().collect(),
        Some(_) => return Err(wrong()),
    };
    Ok(codes
        .into_iter()
        .map(|code| {
            let label = label(&code);
            (code, label)
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::eurostat::INFO;
    use serde_json::json;

    fn cube(value: Value) -> Value {
        json!({"version": "2.0", "class": "dataset", "label": "GDP", "id": ["unit", "geo", "time"], "size": [1, 2, 2], "value": value,
            "dimension": {
                "unit": {"category": {"label": {"CP_MEUR": "Million euro"}}},
                "geo": {"category": {"index": {"FR": 1, "DE": 0}, "label": {"DE": "Germany", "FR": "France"}}},
                "time": {"category": {"index": ["2022", "2023"]}}}})
    }

    #[test]
    fn both_forms_of_values_give_the_same_cells() {
        for value in [json!([1.0, 2.0, null, 4.0]), json!({"0": 1.0, "1": 2.0, "3": 4.0})] {
            let json = cube(value);
            let cube = Cube::read(&INFO, &json).unwrap();
            assert_eq!(cube.dimensions[1].categories[1], ("FR".to_owned(), "France".to_owned()));
            assert_eq!(
                (cube.cell(&[0, 0, 1]), cube.cell(&[0, 1, 0]), cube.cell(&[0, 1, 1])),
                (&json!(2.0), &Value::Null, &json!(4.0))
            );
        }
    }

    #[test]
    fn a_cube_that_does_not_add_up_is_refused() {
        assert!(matches!(
            Cube::read(&INFO, &cube(json!([1.0, 2.0]))),
            Err(SourceError::CutShort { got: 2, promised: 4, .. })
        ));
        let mut lost = cube(json!([]));
        lost["dimension"]["geo"]["category"]["index"] = json!({"DE": 0, "FR": 5});
        assert!(Cube::read(&INFO, &lost).is_err());
        lost["dimension"].as_object_mut().unwrap().remove("geo");
        assert!(Cube::read(&INFO, &lost).err().unwrap().to_string().contains("`dimension.geo` is missing"));
    }
}
