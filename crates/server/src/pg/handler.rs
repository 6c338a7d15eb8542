//! Statements on the wire: at once, or prepared with parameters. Rows are sent as they are made.

use super::running::Running;
use arrow_pg::datatypes::{arrow_schema_to_pg_fields, df, into_pg_type};
use arrow_pg::encode_recordbatch;
use async_trait::async_trait;
use engine::EngineError;
use engine::sql::{SqlLimits, SqlStream, Wire, WireCommand, WireParameters, WireShape, WireStatement};
use futures::{Sink, StreamExt, stream};
use model::Lang;
use pgwire::api::portal::{Format, Portal, PortalExecutionState};
use pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler, send_query_response};
use pgwire::api::results::{DataRowEncoder, FieldFormat, FieldInfo, QueryResponse, Response, Tag};
use pgwire::api::stmt::QueryParser;
use pgwire::api::store::{Entry, PortalStore};
use pgwire::api::{ClientInfo, ClientPortalStore, DEFAULT_NAME, PgWireConnectionState, Type};
use pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::extendedquery::Execute;
use pgwire::messages::response::TransactionStatus;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

/// The setting that bounds the time of a session's statements.
const TIMEOUT: &str = "statement_timeout";

/// Answers statements.
pub(super) struct Handler {
    wire: Arc<Wire>,
    parser: Arc<Parser>,
}

/// A statement that was parsed, and what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    statement: WireStatement,
    shape: WireShape,
}

impl Handler {
    pub fn new(wire: Arc<Wire>) -> Self {
        let parser = Arc::new(Parser(wire.clone()));
        Self { wire, parser }
    }

    /// The limits of files, and the session's own of time if that is shorter.
    fn limits(client: &(impl ClientInfo + ?Sized)) -> SqlLimits {
        let usual = SqlLimits::of_file();
        let own = client.metadata().get(TIMEOUT).and_then(|text| read_timeout(text));
        SqlLimits { time_max: own.map_or(usual.time_max, |own| own.min(usual.time_max)), ..usual }
    }

    /// What is no query. `None` for a query.
    fn session_command<C: ClientInfo>(
        &self,
        client: &mut C,
        command: &WireCommand,
    ) -> PgWireResult<Option<Response>> {
        let done = |tag: &str| Ok(Some(Response::Execution(Tag::new(tag))));
        match command {
            WireCommand::Rollback => Ok(Some(Response::TransactionEnd(Tag::new("ROLLBACK")))),
            WireCommand::Commit if client.transaction_status() == TransactionStatus::Error => {
                Ok(Some(Response::TransactionEnd(Tag::new("ROLLBACK"))))
            }
            WireCommand::Commit => Ok(Some(Response::TransactionEnd(Tag::new("COMMIT")))),
            // Nothing was written, so that there is nothing to take back: only the failure ends, which pgwire knows no
            // other way to tell than that the transaction does. What follows is answered as in one.
            WireCommand::RollbackTo if client.transaction_status() == TransactionStatus::Error => {
                Ok(Some(Response::TransactionEnd(Tag::new("ROLLBACK"))))
            }
            WireCommand::RollbackTo => done("ROLLBACK"),
            _ if client.transaction_status() == TransactionStatus::Error => {
                Err(failed("25P02", "the transaction has failed: end it with ROLLBACK first"))
            }
            WireCommand::Begin => Ok(Some(Response::TransactionStart(Tag::new("BEGIN")))),
            WireCommand::Savepoint => done("SAVEPOINT"),
            WireCommand::Release => done("RELEASE"),
            WireCommand::Discard => done("DISCARD ALL"),
            WireCommand::Set(name, value) => {
                if name == "timezone" && !is_utc(value) {
                    // Times leave as UTC, which every client understands; another zone would be a lie.
                    tracing::debug!(value, "a client asked for another time zone; times are sent in UTC");
                } else {
                    client.metadata_mut().insert(name.clone(), value.clone());
                }
                done("SET")
            }
            WireCommand::Show(name) => {
                let unknown = || failed("42704", &format!("the setting \"{name}\" is unknown"));
                let value = setting(client, name).ok_or_else(unknown)?;
                Ok(Some(Response::Query(one_text(name, &value)?)))
            }
            WireCommand::Query => Ok(None),
        }
    }

    async fn query(
        &self,
        prepared: &WireStatement,
        parameters: Option<WireParameters>,
        format: &Format,
        client: &(impl ClientInfo + ?Sized),
    ) -> PgWireResult<QueryResponse> {
        let limits = Self::limits(client);
        let running = client.session_extensions().get::<Arc<Running>>();
        let cancel = running.map(|running| running.begin()).unwrap_or_default();
        let rows = self.wire.run(prepared, parameters, limits, &cancel).await.map_err(|e| wire_error(&e))?;
        let fields = Arc::new(arrow_schema_to_pg_fields(rows.schema(), format, None)?);
        let of_rows = fields.clone();
        let batches = stream::unfold(rows, next_batch);
        let rows = batches.flat_map(move |batch| match batch {
            Ok(batch) => stream::iter(encode_recordbatch(of_rows.clone(), batch).collect::<Vec<_>>()),
            Err(error) => stream::iter(vec![Err(wire_error(&error))]),
        });
        Ok(QueryResponse::new(fields, rows.boxed()))
    }
}

/// The next rows. The stream of them ends its query when it is dropped.
async fn next_batch(
    mut rows: SqlStream,
) -> Option<(Result<store::arrow::array::RecordBatch, EngineError>, SqlStream)> {
    let batch = rows.next().await?;
    Some((batch, rows))
}

#[async_trait]
impl SimpleQueryHandler for Handler {
    async fn do_query<C>(&self, client: &mut C, query: &str) -> PgWireResult<Vec<Response>>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let statements = self.wire.parse(query, |name| setting(client, name));
        let statements = statements.map_err(|error| wire_error(&error))?;
        let mut responses = Vec::new();
        for statement in statements {
            responses.push(match self.session_command(client, &statement.command)? {
                Some(response) => response,
                None => Response::Query(self.query(&statement, None, &Format::UnifiedText, client).await?),
            });
        }
        if responses.is_empty() {
            responses.push(Response::EmptyQuery);
        }
        Ok(responses)
    }
}

#[async_trait]
impl ExtendedQueryHandler for Handler {
    type Statement = Prepared;
    type QueryParser = Parser;

    fn query_parser(&self) -> Arc<Parser> {
        self.parser.clone()
    }

    /// As the default, but a query that is read to its end is sent as it is made: the default gathers it first.
    async fn on_execute<C>(&self, client: &mut C, message: Execute) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Prepared>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        let portal = match client.portal_store().get_portal(name) {
            Some(Entry::Value(portal)) if message.max_rows == 0 => portal,
            _ => return self._on_execute(client, message).await,
        };
        let is_query = portal.statement.statement.statement.command == WireCommand::Query;
        let is_new = matches!(*portal.state.lock().await, PortalExecutionState::Initial);
        let is_ready = matches!(client.state(), PgWireConnectionState::ReadyForQuery);
        if !(is_query && is_new && is_ready) {
            return self._on_execute(client, message).await;
        }
        client.set_state(PgWireConnectionState::QueryInProgress);
        if let Response::Query(rows) = ExtendedQueryHandler::do_query(self, client, &portal, 0).await? {
            send_query_response(client, rows, false).await?;
        }
        *portal.state.lock().await = PortalExecutionState::Finished;
        client.set_state(PgWireConnectionState::ReadyForQuery);
        Ok(())
    }

    async fn do_query<C>(
        &self,
        client: &mut C,
        portal: &Portal<Prepared>,
        _max_rows: usize,
    ) -> PgWireResult<Response>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Prepared>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let Prepared { statement, shape } = &portal.statement.statement;
        if let Some(response) = self.session_command(client, &statement.command)? {
            return Ok(response);
        }
        let parameters = match shape.parameters.as_slice() {
            [] => None,
            types => {
                let types: Vec<_> = types.iter().map(Option::as_ref).collect();
                Some(df::deserialize_parameters(portal, &types)?)
            }
        };
        let format = &portal.result_column_format;
        Ok(Response::Query(self.query(statement, parameters, format, client).await?))
    }
}

/// Parses and plans a statement that is to be prepared.
pub(super) struct Parser(Arc<Wire>);

#[async_trait]
impl QueryParser for Parser {
    type Statement = Prepared;

    async fn parse_sql<C>(
        &self,
        client: &C,
        sql: &str,
        _types: &[Option<Type>],
    ) -> PgWireResult<Option<Prepared>>
    where
        C: ClientInfo + Unpin + Send + Sync,
    {
        let statements = self.0.parse(sql, |name| setting(client, name));
        let mut statements = statements.map_err(|error| wire_error(&error))?.into_iter();
        let Some(statement) = statements.next() else { return Ok(None) };
        if statements.next().is_some() {
            return Err(failed("42601", "one statement at a time can be prepared"));
        }
        let shape = self.0.shape(&statement).await.map_err(|error| wire_error(&error))?;
        Ok(Some(Prepared { statement, shape }))
    }

    fn get_parameter_types(&self, prepared: &Prepared) -> PgWireResult<Vec<Type>> {
        let wire_type = |data_type: &Option<_>| match data_type {
            Some(data_type) => into_pg_type(data_type),
            None => Ok(Type::UNKNOWN),
        };
        prepared.shape.parameters.iter().map(wire_type).collect()
    }

    fn get_result_schema(
        &self,
        prepared: &Prepared,
        format: Option<&Format>,
    ) -> PgWireResult<Vec<FieldInfo>> {
        if let WireCommand::Show(name) = &prepared.statement.command {
            return Ok(vec![text_column(name)]);
        }
        arrow_schema_to_pg_fields(&prepared.shape.schema, format.unwrap_or(&Format::UnifiedText), None)
    }
}

fn text_column(name: &str) -> FieldInfo {
    FieldInfo::new(name.to_owned(), None, None, Type::TEXT, FieldFormat::Text)
}

fn one_text(name: &str, value: &str) -> PgWireResult<QueryResponse> {
    let fields = Arc::new(vec![text_column(name)]);
    let mut encoder = DataRowEncoder::new(fields.clone());
    encoder.encode_field(&Some(value))?;
    let row = encoder.take_row();
    Ok(QueryResponse::new(fields, stream::once(async move { Ok(row) }).boxed()))
}

/// What `SHOW` and `current_setting` say: what the session set, or what is so anyway; `None` of what nobody knows.
fn setting(client: &impl ClientInfo, name: &str) -> Option<String> {
    let key = match name {
        "time zone" => "timezone",
        name => name,
    };
    if let Some(value) = client.metadata().get(key) {
        return Some(value.clone());
    }
    let value = match key {
        "timezone" => "UTC",
        "server_version" => "16.6",
        "server_version_num" => "160006",
        "server_encoding" | "client_encoding" => "UTF8",
        "transaction isolation level" | "transaction_isolation" | "default_transaction_isolation" => {
            "read committed"
        }
        "default_transaction_read_only" | "transaction_read_only" | "standard_conforming_strings" => "on",
        "datestyle" => "ISO, YMD",
        "intervalstyle" => "postgres",
        "search_path" => "public",
        "max_identifier_length" => "63",
        "extra_float_digits" => "1",
        TIMEOUT => "10min",
        _ => return None,
    };
    Some(value.to_owned())
}

fn is_utc(zone: &str) -> bool {
    ["utc", "etc/utc", "gmt", "default", "local", "0", "+00:00", "z"].contains(&zone.to_lowercase().as_str())
}

/// `500`, `500ms`, `5s`, `2min`; zero is none.
fn read_timeout(text: &str) -> Option<Duration> {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let unit_ms = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let ms = number.parse::<u64>().ok()?.checked_mul(unit_ms)?;
    (ms > 0).then(|| Duration::from_millis(ms))
}

fn failed(code: &str, text: &str) -> PgWireError {
    PgWireError::UserError(Box::new(ErrorInfo::new("ERROR".to_owned(), code.to_owned(), text.to_owned())))
}

/// An error of the engine in PostgreSQL's codes, with what to do as its hint.
fn wire_error(error: &EngineError) -> PgWireError {
    let problems = error.problems().0;
    let problem = problems.first();
    let text = problem.map_or_else(|| error.to_string(), |problem| problem.message.get(Lang::En).to_owned());
    let code = match problem.map(|problem| problem.code.as_str()) {
        Some("sql.failed") => "42000",
        Some("sql.too_large") => "53200",
        Some("sql.too_many_rows") => "54000",
        Some("sql.too_long" | "cancelled") => "57014",
        _ => "XX000",
    };
    let mut info = ErrorInfo::new("ERROR".to_owned(), code.to_owned(), text);
    info.hint = problem.map(|problem| problem.remedy.get(Lang::En).to_owned());
    PgWireError::UserError(Box::new(info))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read() {
        let ms = |text: &str| read_timeout(text).map(|time| time.as_millis());
        assert_eq!(
            [ms("500"), ms("500ms"), ms("5s"), ms("2min")],
            [Some(500), Some(500), Some(5_000), Some(120_000)]
        );
        assert_eq!([ms("0"), ms(""), ms("soon"), ms("5 days")], [None, None, None, None]);
    }
}
