//! A mapping compiled against the columns of one file, once, with every mistake named.

use super::{
    group::GroupPlan,
    inspect::{self, Inspection},
    keep::Keep,
    lookup::{Table, TableFile},
    plan::{EventPlan, Memory, NameSource, PropertyPlan},
    problems,
    series::SeriesPlan,
    source::{From, Piece, Place, Source, Tables},
    time::{TimeFormat, TimeReader, Unclear},
    value,
};
use jiff::tz::TimeZone;
use model::{
    Problem, Problems, Severity,
    event::ValueKind,
    limits::NAME_CHARS_MAX,
    mapping::{
        EventTarget, FileFormat, Format, Mapping, MissingPerson, SeriesTarget, SourceFields, Target,
        TimeSource, TypedProperty,
    },
};
use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

/// Sample rows a type or a time format is guessed from.
const SAMPLE_ROWS: usize = 1_000;

/// A mapping ready to run.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) tables: Tables,
    pub(super) keep: Vec<Keep>,
    pub(super) group: Option<GroupPlan>,
    pub(super) plan: Plan,
    pub(super) warnings: Vec<Problem>,
}

/// What rows become.
#[derive(Debug)]
pub(super) enum Plan {
    Events(Box<EventPlan>),
    Series(Box<SeriesPlan>),
}

/// The file a mapping is compiled for.
pub(super) struct Context<'a> {
    pub(super) path: &'a Path,
    pub(super) name: &'a str,
    /// Zone of times without an offset where the mapping names none.
    pub(super) zone: &'a str,
}

/// Compiles; NDJSON columns the mapping names but the first lines lack are added to the inspection's layout.
pub(super) fn compile(
    mapping: &Mapping,
    file: &mut Inspection,
    context: &Context<'_>,
) -> Result<Compiled, Problems> {
    let mut compiler = Compiler::new(mapping, file, context);
    compiler.add_keys(mapping)?;
    compiler.open_lookups(mapping);
    compiler.check_duplicates(mapping);
    let keep = compiler.keep(mapping);
    if let Some(group) = &mapping.group {
        let by = compiler.columns_at(&group.by, "group.by");
        let sum = compiler.columns_at(&group.sum, "group.sum");
        compiler.group = Some(GroupPlan::new(by, sum, group.count.clone(), &compiler.file.layout.columns));
    }
    if mapping.group.as_ref().is_some_and(|group| group.by.is_empty()) {
        compiler.wrong("group.by", ("묶을 열이 없습니다.", "No column to group by."));
    }
    let plan = match &mapping.target {
        Target::Events(target) => compiler.events(mapping, target).map(|plan| Plan::Events(Box::new(plan))),
        Target::Series(target) => compiler.series(target).map(|plan| Plan::Series(Box::new(plan))),
    };
    let Compiler { tables, group, problems, .. } = compiler;
    let (errors, warnings) =
        problems.into_iter().partition::<Vec<_>, _>(|one| one.severity == Severity::Error);
    match plan {
        Some(plan) if errors.is_empty() => Ok(Compiled { tables, keep, group, plan, warnings }),
        _ => Err(Problems(errors)),
    }
}

struct Compiler<'a> {
    file: &'a mut Inspection,
    context: &'a Context<'a>,
    tables: Tables,
    group: Option<GroupPlan>,
    problems: Vec<Problem>,
}

impl<'a> Compiler<'a> {
    fn new(mapping: &Mapping, file: &'a mut Inspection, context: &'a Context<'a>) -> Self {
        let tables = Tables { tables: Vec::new(), missing: mapping.file.missing.clone() };
        Self { file, context, tables, group: None, problems: Vec::new() }
    }

    fn wrong(&mut self, path: &str, message: (impl Into<String>, impl Into<String>)) {
        let remedy = (
            "매핑의 그 필드를 JSON Schema(`gilmok schema`)에 맞게 고치세요.",
            "Mend that field of the mapping by its JSON Schema (`gilmok schema`).",
        );
        let problem = Problem::error("import.bad_mapping", message, remedy);
        self.problems.push(problem.in_file(self.context.name).at(path));
    }

    /// The index of a column; the count of a group is a column too.
    fn column(&mut self, name: &str, path: &str) -> Option<usize> {
        let columns = &self.file.layout.columns;
        if let Some(index) = columns.iter().position(|column| column == name) {
            return Some(index);
        }
        if let Some(group) = self.group.as_ref().filter(|group| group.count.as_deref() == Some(name)) {
            return Some(group.count_column());
        }
        self.problems.push(problems::unknown_column(self.context.name, name, columns).at(path));
        None
    }

    fn columns_at(&mut self, names: &[String], path: &str) -> Vec<usize> {
        names.iter().filter_map(|name| self.column(name, path)).collect()
    }

    /// Keys of NDJSON that the mapping names but that are not at the top of the first lines: keys within objects,
    /// or keys that come later.
    fn add_keys(&mut self, mapping: &Mapping) -> Result<(), Problem> {
        if self.file.layout.format != Format::Ndjson {
            return Ok(());
        }
        let n_seen = self.file.layout.columns.len();
        let count = mapping.group.as_ref().and_then(|group| group.count.as_ref());
        for (lookup, name) in names_used(mapping) {
            let in_lookup =
                name.split_once('.').is_some_and(|(table, _)| mapping.lookups.contains_key(table));
            let columns = &mut self.file.layout.columns;
            if lookup.is_none() && !in_lookup && Some(&name) != count && !columns.contains(&name) {
                columns.push(name);
            }
        }
        if self.file.layout.columns.len() > n_seen {
            self.file.sample = inspect::sample(self.context.path, self.context.name, &self.file.layout)?;
            for index in n_seen..self.file.layout.columns.len() {
                if !self.file.sample.iter().any(|row| row.cell(index).is_some()) {
                    let name = &self.file.layout.columns[index];
                    self.problems.push(problems::unseen_key(self.context.name, name).at(name));
                }
            }
        }
        Ok(())
    }

    fn check_duplicates(&mut self, mapping: &Mapping) {
        let columns = self.file.layout.columns.clone();
        for (index, column) in columns.iter().enumerate() {
            if columns[..index].contains(column) {
                let used = names_used(mapping).iter().any(|(_, name)| name == column);
                self.problems.push(problems::duplicate_column(self.context.name, column, used));
            }
        }
    }

    fn keep(&mut self, mapping: &Mapping) -> Vec<Keep> {
        let tests = mapping.keep.iter().enumerate();
        tests
            .filter_map(|(index, test)| {
                Some(Keep::new(self.column(&test.column, &format!("keep[{index}].column"))?, test))
            })
            .collect()
    }

    fn open_lookups(&mut self, mapping: &Mapping) {
        for (name, lookup) in &mapping.lookups {
            let path = format!("lookups.{name}");
            let Some(file) = self.lookup_path(&lookup.file, &path) else { continue };
            let found = match inspect::inspect(&file, &lookup.file, &FileFormat::default()) {
                Ok(found) => found,
                Err(problem) => {
                    self.problems.push(problem.at(path));
                    continue;
                }
            };
            let columns = &found.layout.columns;
            let key = columns.iter().position(|column| *column == lookup.key);
            if key.is_none() {
                let problem = problems::unknown_column(&lookup.file, &lookup.key, columns);
                self.problems.push(problem.at(format!("{path}.key")));
            }
            let used: Vec<usize> = names_used(mapping)
                .into_iter()
                .filter(|(table, _)| table.as_deref() == Some(name))
                .filter_map(|(_, column)| columns.iter().position(|other| *other == column))
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect();
            let by = self.column(lookup.by.as_ref().unwrap_or(&lookup.key), &format!("{path}.by"));
            let (Some(key), Some(by)) = (key, by) else { continue };
            let table = TableFile { path: &file, name: &lookup.file, layout: &found.layout };
            match Table::read(&table, name, by, key, &used) {
                Ok(table) => {
                    if table.n_repeated > 0 {
                        self.problems.push(problems::repeated_keys(
                            &lookup.file,
                            &lookup.key,
                            table.n_repeated,
                        ));
                    }
                    self.tables.tables.push(table);
                }
                Err(problem) => self.problems.push(problem.at(path)),
            }
        }
    }

    /// A lookup's file: in the folder of the imported file or below.
    fn lookup_path(&mut self, file: &str, path: &str) -> Option<PathBuf> {
        let relative = Path::new(file);
        if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            self.problems.push(problems::unsafe_lookup(file, path));
            return None;
        }
        Some(self.context.path.parent().unwrap_or(Path::new("")).join(relative))
    }

    fn place(&mut self, column: &str, lookup: Option<&str>, path: &str) -> Option<Place> {
        let Some(lookup) = lookup else { return self.column(column, path).map(Place::File) };
        let Some(table) = self.tables.tables.iter().position(|table| table.name == lookup) else {
            if !self
                .problems
                .iter()
                .any(|problem| problem.place.path.as_deref() == Some(&format!("lookups.{lookup}")))
            {
                let message =
                    (format!("조회 `{lookup}`이(가) 없습니다."), format!("There is no lookup `{lookup}`."));
                self.wrong(path, message);
            }
            return None;
        };
        let found = self.tables.tables[table].columns.iter().position(|name| name == column);
        if found.is_none() {
            let columns = &self.tables.tables[table].all_columns;
            self.problems.push(problems::unknown_column(lookup, column, columns).at(path));
        }
        found.map(|column| Place::Table { table, column })
    }

    /// A template's pieces; `{lookup.column}` reads a lookup.
    fn template(&mut self, template: &str, lookup: Option<&str>, path: &str) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        let mut rest = template;
        while let Some((text, after)) = rest.split_once('{') {
            let Some((column, after)) = after.split_once('}') else {
                self.wrong(path, ("`{`가 닫히지 않았습니다.", "A `{` is not closed."));
                return None;
            };
            if !text.is_empty() {
                pieces.push(Piece::Text(text.to_owned()));
            }
            let in_file = self.file.layout.columns.iter().any(|name| name == column);
            let dotted = column
                .split_once('.')
                .filter(|(table, _)| self.tables.tables.iter().any(|one| one.name == *table));
            let place = match dotted {
                Some((table, column)) if !in_file => self.place(column, Some(table), path),
                _ => self.place(column, lookup.filter(|_| !in_file), path),
            };
            pieces.push(Piece::Cell(place?));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Some(pieces)
    }

    fn source(&mut self, fields: &SourceFields, path: &str) -> Option<Source> {
        let lookup = fields.lookup.as_deref();
        let n_forms = usize::from(fields.column.is_some())
            + usize::from(fields.constant.is_some())
            + usize::from(fields.template.is_some())
            + usize::from(!fields.product.is_empty());
        if n_forms != 1 {
            let message = (
                "`column`, `constant`, `template`, `product` 가운데 꼭 하나가 있어야 합니다.",
                "Exactly one of `column`, `constant`, `template`, `product` is needed.",
            );
            self.wrong(path, message);
            return None;
        }
        let (from, label) = if let Some(column) = &fields.column {
            let label = lookup.map_or_else(|| column.clone(), |lookup| format!("{lookup}.{column}"));
            (From::Cell(self.place(column, lookup, path)?), label)
        } else if let Some(constant) = &fields.constant {
            (From::Constant(constant.clone()), constant.clone())
        } else if let Some(template) = &fields.template {
            (From::Template(self.template(template, lookup, path)?), template.clone())
        } else {
            let places: Vec<Option<Place>> =
                fields.product.iter().map(|column| self.place(column, lookup, path)).collect();
            let places = places.into_iter().collect::<Option<Vec<Place>>>()?;
            let label = fields.product.join(" × ");
            let from = match &mut self.group {
                Some(group) => From::Cell(Place::File(group.product(places, &label))),
                None => From::Product(places),
            };
            (from, label)
        };
        Some(Source::new(from, &fields.replace, label))
    }

    /// The values a source has in the sample.
    fn sample(&self, source: &mut Source, use_value: impl FnMut(super::batch::Cell<'_>)) {
        let mut use_value = use_value;
        let rows = self.file.sample.iter().filter(|row| row.flaw().is_none()).take(SAMPLE_ROWS);
        for row in rows {
            if let Ok(Some(cell)) = source.cell(row, &self.tables) {
                use_value(cell);
            }
        }
    }

    fn time(&mut self, time: &TimeSource, path: &str) -> Option<(Source, TimeReader)> {
        let mut source = self.source(&time.source, path)?;
        let zone = time.zone.as_deref().unwrap_or(self.context.zone);
        let Ok(zone) = TimeZone::get(zone) else {
            self.problems.push(problems::unknown_zone(self.context.name, zone).at(format!("{path}.zone")));
            return None;
        };
        let format = match &time.format {
            Some(format) => {
                let stated = TimeFormat::stated(format);
                if stated.is_none() {
                    self.problems.push(
                        problems::bad_time_format(self.context.name, format).at(format!("{path}.format")),
                    );
                }
                stated?
            }
            None => self.detect_format(&mut source, path)?,
        };
        let mut reader = TimeReader::new(format, zone);
        if let Some(Err(flaw)) = source.constant().map(|text| reader.read(super::batch::Cell::guess(text))) {
            self.wrong(path, (flaw.reason(model::Lang::Ko), flaw.reason(model::Lang::En)));
        }
        Some((source, reader))
    }

    fn detect_format(&mut self, source: &mut Source, path: &str) -> Option<TimeFormat> {
        let mut samples = Vec::new();
        self.sample(source, |cell| samples.push((cell.text.to_owned(), cell.kind)));
        let cells = samples.iter().map(|(text, kind)| super::batch::Cell { text, kind: *kind });
        let unclear = match TimeFormat::detect(cells) {
            Ok(format) => return Some(format),
            Err(unclear) => unclear,
        };
        let problem = match unclear {
            Unclear::Ambiguous(one, other) => {
                problems::ambiguous_time(&source.label, &samples[0].0, one, other)
            }
            Unclear::Unknown(text) => problems::unknown_time(&source.label, &text),
        };
        self.problems.push(problem.in_file(self.context.name).at(format!("{path}.format")));
        None
    }

    fn optional(
        &mut self,
        source: Option<&model::mapping::Source>,
        path: &str,
    ) -> Result<Option<Source>, Unusable> {
        let Some(source) = source else { return Ok(None) };
        self.source(&source.fields(), path).map(Some).ok_or(Unusable)
    }

    fn events(&mut self, mapping: &Mapping, target: &EventTarget) -> Option<EventPlan> {
        if target.person.user_id.is_none() && target.person.anonymous_id.is_none() {
            let message =
                ("`user_id`나 `anonymous_id`가 있어야 합니다.", "`user_id` or `anonymous_id` is needed.");
            self.wrong("events.person", message);
        }
        // All parts are compiled before the first failure counts, so that every mistake is named at once.
        let user_id = self.optional(target.person.user_id.as_ref(), "events.person.user_id");
        let anonymous_id = self.optional(target.person.anonymous_id.as_ref(), "events.person.anonymous_id");
        let time = self.time(&target.time, "events.time");
        let event = self.source(&target.event.fields(), "events.event");
        let channel = self.optional(target.channel.as_ref(), "events.channel");
        let amount = self.optional(target.amount.as_ref(), "events.amount");
        let id = self.ids(mapping, target);
        let properties = self.properties(&target.properties, "events.properties");
        let traits = self.properties(&target.traits, "events.traits");
        let (time, time_reader) = time?;
        Some(EventPlan {
            user_id: user_id.ok()?,
            anonymous_id: anonymous_id.ok()?,
            keep_nobody: target.person.missing == MissingPerson::Keep,
            time,
            time_reader,
            event: NameSource::new(event?),
            channel: channel.ok()?.map(NameSource::new),
            id: id?,
            amount: amount.ok()?,
            properties: properties?,
            traits: traits?,
            mapping_key: mapping.key.to_string(),
            memory: Memory::default(),
        })
    }

    /// The columns of the event's id; those of the group where the mapping names none.
    fn ids(&mut self, mapping: &Mapping, target: &EventTarget) -> Option<Vec<Source>> {
        let by = mapping.group.as_ref().map(|group| group.by.as_slice()).unwrap_or_default();
        let by = by.iter().map(|column| model::mapping::Source::Column(column.clone()).fields());
        let fields: Vec<SourceFields> = match target.id.as_slice() {
            [] => by.collect(),
            stated => stated.iter().map(model::mapping::Source::fields).collect(),
        };
        let sources =
            fields.iter().enumerate().map(|(index, one)| self.source(one, &format!("events.id[{index}]")));
        sources.collect::<Vec<_>>().into_iter().collect()
    }

    fn properties(
        &mut self,
        properties: &BTreeMap<String, model::mapping::Property>,
        path: &str,
    ) -> Option<Vec<PropertyPlan>> {
        let mut plans = Some(Vec::new());
        for (key, property) in properties {
            let path = format!("{path}.{key}");
            if key.is_empty() || key.chars().count() > NAME_CHARS_MAX {
                self.wrong(
                    &path,
                    (
                        format!("속성 이름은 1~{NAME_CHARS_MAX}자입니다."),
                        format!("A property key has 1 to {NAME_CHARS_MAX} characters."),
                    ),
                );
            }
            let TypedProperty { source, kind } = property.typed();
            match (self.source(&source, &path), &mut plans) {
                (Some(mut source), Some(plans)) => {
                    let kind = kind.or_else(|| self.kind(&mut source));
                    plans.push(PropertyPlan { key: key.clone(), source, kind, ids: [None; 3] });
                }
                (None, _) => plans = None,
                _ => {}
            }
        }
        plans
    }

    fn kind(&self, source: &mut Source) -> Option<ValueKind> {
        let mut kinds = Vec::new();
        self.sample(source, |cell| kinds.push(value::kind_of(cell)));
        value::common(&kinds)
    }

    fn series(&mut self, target: &SeriesTarget) -> Option<SeriesPlan> {
        let name = self.source(&target.name.fields(), "series.name");
        let time = self.time(&target.time, "series.time");
        let value = self.source(&target.value.fields(), "series.value");
        let channel = self.optional(target.channel.as_ref(), "series.channel");
        let campaign = self.optional(target.campaign.as_ref(), "series.campaign");
        let zone = target.time.zone.as_deref().unwrap_or(self.context.zone).to_owned();
        let (time, time_reader) = time?;
        let calendar = model::time::Calendar::new(&zone, model::workspace::WeekStart::Monday)?;
        Some(SeriesPlan::new(name?, (time, time_reader, calendar), value?, channel.ok()?, campaign.ok()?))
    }
}

/// A source that was stated but could not be compiled; its problem is noted.
struct Unusable;

/// Every column a mapping names, with the lookup it stands in.
fn names_used(mapping: &Mapping) -> Vec<(Option<String>, String)> {
    let mut fields: Vec<SourceFields> = Vec::new();
    match &mapping.target {
        Target::Events(target) => {
            let person =
                [&target.person.user_id, &target.person.anonymous_id, &target.channel, &target.amount];
            fields.extend(person.into_iter().flatten().map(model::mapping::Source::fields));
            fields.push(target.time.source.clone());
            fields.push(target.event.fields());
            fields.extend(target.id.iter().map(model::mapping::Source::fields));
            let properties = target.properties.values().chain(target.traits.values());
            fields.extend(properties.map(|property| property.typed().source));
        }
        Target::Series(target) => {
            fields.extend([target.name.fields(), target.time.source.clone(), target.value.fields()]);
            let optional = [&target.channel, &target.campaign];
            fields.extend(optional.into_iter().flatten().map(model::mapping::Source::fields));
        }
    }
    let mut names = Vec::new();
    for one in fields {
        names
            .extend(one.column.iter().chain(&one.product).map(|column| (one.lookup.clone(), column.clone())));
        for column in one.template.iter().flat_map(|template| braced(template)) {
            if let Some((table, column)) = column.split_once('.') {
                names.push((Some(table.to_owned()), column.to_owned()));
            }
            names.push((one.lookup.clone(), column.to_owned()));
            names.push((None, column.to_owned()));
        }
    }
    let group = mapping.group.iter().flat_map(|group| group.by.iter().chain(&group.sum));
    let keep = mapping.keep.iter().map(|test| &test.column);
    let by = mapping.lookups.values().map(|lookup| lookup.by.as_ref().unwrap_or(&lookup.key));
    names.extend(group.chain(keep).chain(by).map(|column| (None, column.clone())));
    names
}

fn braced(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|after| after.split_once('}').map(|(column, _)| column))
}
