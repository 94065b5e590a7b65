//! What providers answer, in the shape of their published contracts; the figures are made up.

use serde_json::{Value, json};
use url::Url;

use super::{Reply, csv, json as good, param};

/// A provider, a series, and what must come of it.
pub struct Case {
    pub provider: &'static str,
    pub id: &'static str,
    pub server: fn(&Url) -> Option<Reply>,
    pub observations: usize,
    pub holes: usize,
    /// Start of the CSV.
    pub head: &'static str,
    /// Members or columns without which nothing may come.
    pub needed: &'static [&'static str],
    /// Words of the unit that evidence reads.
    pub unit: &'static str,
}

pub const CASES: &[Case] = &[
    Case {
        provider: "fred",
        id: "UNRATE",
        server: fred,
        observations: 23,
        holes: 1,
        head: "month,value\n2024-01,4.0\n",
        needed: &[
            "\"seriess\"",
            "\"frequency_short\"",
            "\"units\"",
            "\"count\"",
            "\"observations\"",
            "\"date\"",
            "\"value\"",
            "\"tags\"",
            "\"releases\"",
        ],
        unit: "Percent",
    },
    Case {
        provider: "world-bank",
        id: "USA;CHN/NY.GDP.MKTP.CD",
        server: world_bank,
        observations: 22,
        holes: 2,
        head: "country,code,year,value\nChina,CHN,2012,",
        needed: &[
            "\"total\"",
            "\"pages\"",
            "\"page\"",
            "\"countryiso3code\"",
            "\"date\"",
            "\"country\"",
            "\"value\"",
            "\"name\"",
        ],
        unit: "Currency",
    },
    Case {
        provider: "treasury",
        id: "v2/accounting/od/debt_to_penny:tot_pub_debt_out_amt",
        server: treasury,
        observations: 19,
        holes: 1,
        head: "date,value\n2026-06-01,36000000000001.50\n",
        needed: &[
            "\"record_date\"",
            "\"tot_pub_debt_out_amt\"",
            "\"total-count\"",
            "\"total-pages\"",
            "\"data\"",
            "\"labels\"",
            "\"dataTypes\"",
        ],
        unit: "Currency",
    },
    Case {
        provider: "bls",
        id: "LNS14000000",
        server: bls,
        observations: 239,
        holes: 1,
        head: "month,value\n2007-01,",
        needed: &[
            "\"status\"",
            "\"Results\"",
            "\"series\"",
            "\"seriesID\"",
            "\"data\"",
            "\"year\"",
            "\"period\"",
            "\"value\"",
        ],
        unit: "Percent",
    },
    Case {
        provider: "bea",
        id: "T10105/Q/1",
        server: bea,
        observations: 11,
        holes: 1,
        head: "quarter,value\n2023-Q1,26001.5\n",
        needed: &[
            "\"Data\"",
            "\"LineNumber\"",
            "\"TimePeriod\"",
            "\"DataValue\"",
            "\"CL_UNIT\"",
            "\"UNIT_MULT\"",
            "\"LineDescription\"",
        ],
        unit: "Currency",
    },
    Case {
        provider: "sec",
        id: "320193/Revenues/USD/A",
        server: sec,
        observations: 12,
        holes: 0,
        head: "year,value\n2012,",
        needed: &["\"units\"", "\"USD\"", "\"val\"", "\"filed\"", "\"entityName\""],
        unit: "Currency",
    },
    Case {
        provider: "eurostat",
        id: "une_rt_m?geo=DE&geo=FR&unit=PC_ACT&s_adj=SA",
        server: eurostat,
        observations: 23,
        holes: 1,
        head: "country,code,month,value\nFrance,FR,2024-01,",
        needed: &[
            "\"class\"",
            "\"id\"",
            "\"size\"",
            "\"value\"",
            "\"dimension\"",
            "\"category\"",
            "\"geo\"",
            "\"time\"",
        ],
        unit: "Percent",
    },
    Case {
        provider: "ecb",
        id: "EXR/M.USD.EUR.SP00.A",
        server: ecb,
        observations: 11,
        holes: 1,
        head: "month,value\n2024-01,1.08\n",
        needed: &["TIME_PERIOD", "OBS_VALUE", ",UNIT"],
        unit: "Currency",
    },
    Case {
        provider: "oecd",
        id: "OECD.SDD.STES,DSD_STES@DF_CLI,4.1/USA.M.LI...AA...H",
        server: oecd,
        observations: 11,
        holes: 1,
        head: "country,code,month,value\nUnited States,USA,2024-01,",
        needed: &["TIME_PERIOD", "OBS_VALUE", "REF_AREA", "MEASURE"],
        unit: "Index",
    },
    Case {
        provider: "eia",
        id: "PET.RWTC.M",
        server: eia,
        observations: 23,
        holes: 1,
        head: "month,value\n2024-01,70.5\n",
        needed: &["\"response\"", "\"total\"", "\"data\"", "\"period\"", "\"value\""],
        unit: "Currency",
    },
    Case {
        provider: "owid",
        id: "life-expectancy",
        server: owid,
        observations: 23,
        holes: 1,
        head: "country,code,year,value\nFrance,FRA,2010,",
        needed: &["Entity", "Code", "Year", "\"columns\"", "\"titleShort\"", "\"fullMetadata\""],
        unit: "Unspecified",
    },
    Case {
        provider: "url",
        id: "https://data.example.org/oil/datapackage.json",
        server: address,
        observations: 12,
        holes: 0,
        head: "month,price\n2024-01,70\n",
        needed: &["\"resources\"", "\"path\""],
        unit: "Currency",
    },
];

fn month(n: usize) -> String {
    format!("{}-{:02}", 2024 + n / 12, n % 12 + 1)
}

/// FRED: 24 months in pages of a size that the server chooses, one of them missing.
fn fred(url: &Url) -> Option<Reply> {
    param(url, "api_key")?;
    Some(match url.path().strip_prefix("/fred/")? {
        "series" if param(url, "series_id")? == "UNRATE" => good(json!({"realtime_start": "2026-11-28", "seriess": [{
            "id": "UNRATE", "title": "Unemployment Rate", "observation_start": "1948-01-01", "observation_end": "2026-10-01",
            "frequency": "Monthly", "frequency_short": "M", "units": "Percent", "units_short": "%",
            "seasonal_adjustment": "Seasonally Adjusted", "seasonal_adjustment_short": "SA",
            "last_updated": "2026-11-06 07:46:03-06", "popularity": 95, "notes": "The unemployment rate."}]})),
        "series/tags" => good(json!({"tags": [
            {"name": "monthly", "group_id": "freq"}, {"name": "public domain: citation requested", "group_id": "cc"}]})),
        "series/release" => good(json!({"releases": [
            {"id": 50, "name": "Employment Situation", "press_release": true, "link": "http://www.bls.gov/ces/"}]})),
        "release/dates" => good(json!({"release_dates": [
            {"release_id": 50, "date": "2026-11-06"}, {"release_id": 50, "date": "2026-12-04"}]})),
        "series/search" => good(json!({"count": 1, "seriess": [
            {"id": "UNRATE", "title": "Unemployment Rate", "units": "Percent", "frequency": "Monthly", "frequency_short": "M"}]})),
        "series/observations" => {
            let offset: usize = param(url, "offset")?.parse().ok()?;
            let rows: Vec<Value> = (offset..24.min(offset + 10))
                .map(|n| {
                    let value = if n == 21 { ".".to_owned() } else { format!("4.{}", n % 10) };
                    json!({"realtime_start": "2026-11-28", "realtime_end": "2026-11-28", "date": format!("{}-01", month(n)), "value": value})
                })
                .collect();
            good(json!({"count": 24, "offset": offset, "limit": 100_000, "observations": rows}))
        }
        _ => {
            return Some((
                400,
                "application/json",
                br#"{"error_code":400,"error_message":"Bad Request.  The series does not exist."}"#.to_vec(),
            ));
        }
    })
}

fn world_bank(url: &Url) -> Option<Reply> {
    let page: usize = param(url, "page")?.parse().ok()?;
    let header = |pages: usize, total: usize| json!({"page": page, "pages": pages, "per_page": 13, "total": total, "sourceid": "2", "lastupdated": "2026-10-07"});
    if url.path().starts_with("/v2/indicator/NY.GDP.MKTP.CD") {
        return Some(good(json!([header(1, 1), [{"id": "NY.GDP.MKTP.CD", "name": "GDP (current US$)", "unit": "",
            "source": {"id": "2", "value": "World Development Indicators"}, "sourceNote": "GDP at purchaser's prices."}]])));
    }
    if !url.path().ends_with("/indicator/NY.GDP.MKTP.CD") {
        return Some(good(
            json!([{"message": [{"id": "120", "key": "Invalid value", "value": "The provided parameter value is not valid"}]}]),
        ));
    }
    // Two countries, thirteen years each, newest first; the newest year is not out yet.
    let rows: Vec<Value> = (0..26)
        .map(|n| {
            let (code, name) = if n < 13 { ("CHN", "China") } else { ("USA", "United States") };
            let year = 2024 - n % 13;
            let value = if year == 2024 || year == 2013 { Value::Null } else { json!(1e13 + f64::from(n) * 1e11) };
            json!({"indicator": {"id": "NY.GDP.MKTP.CD", "value": "GDP (current US$)"}, "country": {"id": &code[..2], "value": name},
                "countryiso3code": code, "date": year.to_string(), "value": value, "unit": "", "obs_status": "", "decimal": 0})
        })
        .skip((page - 1) * 13)
        .take(13)
        .collect();
    Some(good(json!([header(2, 26), rows])))
}

fn treasury(url: &Url) -> Option<Reply> {
    if !url.path().ends_with("/v2/accounting/od/debt_to_penny") {
        return None;
    }
    let page: usize = param(url, "page[number]")?.parse().ok()?;
    let rows: Vec<Value> = (0..20)
        .skip((page - 1) * 10)
        .take(10)
        .map(|n| {
            let value = if n == 7 { "null".to_owned() } else { format!("3600000000000{}.50", n + 1) };
            json!({"record_date": format!("2026-06-{:02}", n + 1), "tot_pub_debt_out_amt": value})
        })
        .collect();
    Some(good(json!({"data": rows, "meta": {"count": rows.len(),
        "labels": {"record_date": "Record Date", "tot_pub_debt_out_amt": "Total Public Debt Outstanding"},
        "dataTypes": {"record_date": "DATE", "tot_pub_debt_out_amt": "CURRENCY"},
        "dataFormats": {"record_date": "YYYY-MM-DD", "tot_pub_debt_out_amt": "$10.20"},
        "total-count": 20, "total-pages": 2}, "links": {"self": "", "first": "", "prev": null, "next": null, "last": ""}})))
}

fn bls(url: &Url) -> Option<Reply> {
    let id = url.path().rsplit('/').next()?.to_owned();
    let (first, last): (i32, i32) = (param(url, "startyear")?.parse().ok()?, param(url, "endyear")?.parse().ok()?);
    let mut rows = Vec::new();
    for year in (first.max(2007)..=last).rev() {
        rows.push(json!({"year": year.to_string(), "period": "M13", "periodName": "Annual", "value": "5.0", "footnotes": [{}]}));
        for month in (1..=12).rev() {
            let value = if (year, month) == (2025, 10) { "-".to_owned() } else { format!("4.{month}") };
            rows.push(json!({"year": year.to_string(), "period": format!("M{month:02}"), "periodName": "x", "value": value, "footnotes": [{}]}));
        }
    }
    Some(good(
        json!({"status": "REQUEST_SUCCEEDED", "responseTime": 150, "message": [], "Results": {"series": [{"seriesID": id,
        "catalog": {"series_title": "(Seas) Unemployment Rate", "series_id": id, "seasonality": "Seasonally Adjusted",
            "survey_name": "Labor Force Statistics from the Current Population Survey", "measure_data_type": "Percent or rate"},
        "data": rows}]}}),
    ))
}

fn bea(url: &Url) -> Option<Reply> {
    if url.path() == "/API/signup/release_dates.json" {
        // Out of order and one of them twice, as the file is; the last is of another release.
        return Some(good(json!({"Gross Domestic Product": {"release_dates": [
            "2026-12-22T13:30:00+00:00", "2026-10-29T12:30:00+00:00", "2027-01-28T13:30:00+00:00", "2026-12-22T13:30:00+00:00"]},
            "Personal Income and Outlays": {"release_dates": ["2026-12-01T13:30:00+00:00"]}, "note": "times are UTC"})));
    }
    let key = param(url, "UserID")?;
    let mut rows = Vec::new();
    for line in ["1", "2"] {
        for n in 0..12 {
            let value = if n == 5 { "---".to_owned() } else { format!("26,00{}.5", n % 10 + 1) };
            rows.push(json!({"TableName": "T10105", "SeriesCode": "A191RC", "LineNumber": line,
                "LineDescription": "Gross domestic product", "TimePeriod": format!("{}Q{}", 2023 + n / 4, n % 4 + 1),
                "METRIC_NAME": "Current Dollars", "CL_UNIT": "Level", "UNIT_MULT": "6", "DataValue": value, "NoteRef": "T10105"}));
        }
    }
    Some(good(json!({"BEAAPI": {"Request": {"RequestParam": [{"ParameterName": "USERID", "ParameterValue": key}]},
        "Results": {"Statistic": "NIPA Table", "UTCProductionTime": "2026-11-26T14:03:01.007", "Data": rows,
            "Notes": [{"NoteRef": "T10105", "NoteText": "Table 1.1.5. Gross Domestic Product [Billions of dollars] Seasonally adjusted at annual rates"}]}}})))
}

fn sec(url: &Url) -> Option<Reply> {
    if url.path() != "/api/xbrl/companyconcept/CIK0000320193/us-gaap/Revenues.json" {
        return None;
    }
    let mut facts = Vec::new();
    for year in 2012..2024 {
        // Filed again a year later, and a quarter beside the year.
        facts.push(json!({"start": format!("{year}-01-01"), "end": format!("{year}-12-31"), "val": 1_000_000_000_i64 + i64::from(year), "accn": "0000320193-18-000070",
            "fy": year, "fp": "FY", "form": "10-K", "filed": format!("{}-02-01", year + 1)}));
        facts.push(json!({"start": format!("{year}-01-01"), "end": format!("{year}-12-31"), "val": 1_100_000_000_i64 + i64::from(year), "accn": "0000320193-19-000010",
            "fy": year + 1, "fp": "FY", "form": "10-K", "filed": format!("{}-02-01", year + 2), "frame": format!("CY{year}")}));
        facts.push(json!({"start": format!("{year}-01-01"), "end": format!("{year}-03-31"), "val": 250_000_000, "accn": "0000320193-19-000011",
            "fy": year, "fp": "Q1", "form": "10-Q", "filed": format!("{year}-05-01"), "frame": format!("CY{year}Q1")}));
    }
    Some(good(json!({"cik": 320_193, "taxonomy": "us-gaap", "tag": "Revenues", "label": "Revenues",
        "description": "Amount of revenue recognized.", "entityName": "Example Inc.", "units": {"USD": facts}})))
}

fn eurostat(url: &Url) -> Option<Reply> {
    if !url.path().ends_with("/statistics/1.0/data/une_rt_m") || param(url, "format")? != "JSON" {
        return None;
    }
    let months: Vec<String> = (0..12).map(month).collect();
    let index: serde_json::Map<String, Value> = months.iter().enumerate().map(|(n, m)| (m.clone(), json!(n))).collect();
    let values: serde_json::Map<String, Value> =
        (0..24).filter(|n| *n != 3).map(|n| (n.to_string(), json!(5.0 + f64::from(n) / 10.0))).collect();
    Some(good(
        json!({"version": "2.0", "class": "dataset", "label": "Unemployment by sex and age - monthly data", "source": "ESTAT",
        "updated": "2026-10-30T23:00:00+0100", "value": values, "status": {"3": "u"},
        "id": ["freq", "s_adj", "unit", "geo", "time"], "size": [1, 1, 1, 2, 12],
        "dimension": {
            "freq": {"label": "Time frequency", "category": {"index": {"M": 0}, "label": {"M": "Monthly"}}},
            "s_adj": {"label": "Seasonal adjustment", "category": {"index": {"SA": 0}, "label": {"SA": "Seasonally adjusted data"}}},
            "unit": {"label": "Unit of measure", "category": {"index": {"PC_ACT": 0}, "label": {"PC_ACT": "Percentage of population in the labour force"}}},
            "geo": {"label": "Geopolitical entity (reporting)", "category": {"index": {"DE": 0, "FR": 1}, "label": {"DE": "Germany", "FR": "France"}}},
            "time": {"label": "Time", "category": {"index": index}}}}),
    ))
}

fn ecb(url: &Url) -> Option<Reply> {
    if url.path() != "/service/data/EXR/M.USD.EUR.SP00.A" || param(url, "format")? != "csvdata" {
        return None;
    }
    let mut table = String::from(
        "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,TITLE,TITLE_COMPL,UNIT,UNIT_MULT\n",
    );
    for n in 0..12 {
        let value = if n == 4 { String::new() } else { format!("1.{:02}", 8 + n) };
        table.push_str(&format!(
            "EXR.M.USD.EUR.SP00.A,M,USD,EUR,SP00,A,{},{value},A,US dollar/Euro,\"ECB reference exchange rate, US dollar/Euro, 2:15 pm (C.E.T.)\",USD,0\n",
            month(n)
        ));
    }
    Some(csv(table))
}

fn oecd(url: &Url) -> Option<Reply> {
    if !url.path().contains("DSD_STES@DF_CLI,4.1/USA.M.LI") || param(url, "format")? != "csvfilewithlabels" {
        return None;
    }
    let mut table = String::from(
        "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,Reference area,FREQ,Frequency of observation,MEASURE,Measure,UNIT_MEASURE,Unit of measure,ADJUSTMENT,Adjustment,TIME_PERIOD,Time period,OBS_VALUE,Observation value,OBS_STATUS,Observation status,UNIT_MULT,Unit multiplier,DECIMALS,Decimals\n",
    );
    for n in 0..12 {
        let value = if n == 4 { "NaN".to_owned() } else { format!("100.{n}") };
        table.push_str(&format!(
            "DATAFLOW,OECD.SDD.STES:DSD_STES@DF_CLI(4.1),I,USA,United States,M,Monthly,LI,Composite leading indicator,IX,Index,AA,Amplitude adjusted,{0},{0},{value},{value},A,Normal value,0,Units,2,Two\n",
            month(n)
        ));
    }
    Some(csv(table))
}

fn eia(url: &Url) -> Option<Reply> {
    if param(url, "api_key").is_none() || url.path() != "/v2/seriesid/PET.RWTC.M" {
        return None;
    }
    let offset: usize = param(url, "offset")?.parse().ok()?;
    let rows: Vec<Value> = (offset..24.min(offset + 10))
        .map(|n| {
            let value = if n == 3 { Value::Null } else { json!(70.5 + n as f64) };
            json!({"period": month(n), "series": "RWTC", "series-description": "Cushing, OK WTI Spot Price FOB", "value": value, "units": "$/BBL"})
        })
        .collect();
    Some(good(json!({"response": {"total": "24", "dateFormat": "YYYY-MM", "frequency": "monthly", "data": rows},
        "request": {"command": "/v2/seriesid/PET.RWTC.M", "params": {}}, "apiVersion": "2.1.7"})))
}

fn owid(url: &Url) -> Option<Reply> {
    if url.path() == "/api/search" {
        return Some(good(json!({"query": param(url, "q")?, "nbHits": 3, "results": [
            {"type": "chart", "title": "Life expectancy", "slug": "life-expectancy-hmd-unwpp", "variantName": "HMD, UN WPP",
                "url": "https://ourworldindata.org/grapher/life-expectancy-hmd-unwpp", "updatedAt": "2025-10-22T08:00:00.000Z"},
            {"type": "explorerView", "title": "Health", "slug": "global-health", "variantName": null},
            {"type": "chart", "title": "Life expectancy at birth", "slug": "life-expectancy", "variantName": null},
            {"type": "chart", "title": "Elsewhere", "slug": "../elsewhere", "variantName": ""}]})));
    }
    if url.host_str() == Some("api.ourworldindata.org") {
        return Some(good(json!({"id": 815_383, "name": "Life expectancy", "nonRedistributable": false, "origins": [
            {"producer": "UN WPP", "title": "World Population Prospects", "license": {"name": "CC BY 3.0 IGO", "url": "https://x.example"}}]})));
    }
    if url.path() == "/grapher/life-expectancy.metadata.json" {
        return Some(good(
            json!({"chart": {"title": "Life expectancy", "citation": "UN WPP (2024)"}, "columns": {"life_expectancy_0": {
            "titleShort": "Life expectancy at birth", "titleLong": "Life expectancy at birth", "descriptionShort": "Years a newborn would live.",
            "shortUnit": "years", "unit": "years", "timespan": "1950-2023", "type": "Numeric", "owidVariableId": 815_383,
            "shortName": "life_expectancy_0", "lastUpdated": "2025-10-22", "nextUpdate": "2027-08-01",
            "citationShort": "UN WPP (2024)", "fullMetadata": "https://api.ourworldindata.org/v1/indicators/815383.metadata.json"}},
            "dateDownloaded": "2026-11-28"}),
        ));
    }
    if url.path() != "/grapher/life-expectancy.csv" {
        return None;
    }
    let mut table = String::from("Entity,Code,Year,life_expectancy_0\nAfrica,,2010,50\nWorld,OWID_WRL,2010,70.1\n");
    for (name, code) in [("United States", "USA"), ("France", "FRA")] {
        for year in 2010..2022 {
            let value = if (code, year) == ("USA", 2015) { String::new() } else { format!("7{}.5", year % 10) };
            table.push_str(&format!("{name},{code},{year},{value}\n"));
        }
    }
    Some(csv(table))
}

fn address(url: &Url) -> Option<Reply> {
    match url.path() {
        "/oil/datapackage.json" => Some(good(json!({"name": "oil", "title": "Oil price",
            "licenses": [{"name": "ODC-PDDL-1.0"}], "sources": [{"title": "EIA", "path": "https://www.eia.gov/"}],
            "resources": [{"name": "monthly", "path": "data/monthly.csv", "schema": {"fields": [
                {"name": "month", "type": "yearmonth"}, {"name": "price", "type": "number", "description": "US dollars per barrel"}]}}]}))),
        "/oil/data/monthly.csv" => {
            let rows: Vec<String> = (0..12).map(|n| format!("{},{}\n", month(n), 70 + n)).collect();
            Some(csv(format!("month,price\n{}", rows.concat())))
        }
        _ => None,
    }
}
