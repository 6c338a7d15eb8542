//! What a PostgreSQL client asks for: statements in PostgreSQL's dialect over the same tables, with the system
//! catalogue (`pg_catalog`) that such clients read first.
//!
//! The catalogue and the repairs of PostgreSQL's dialect are datafusion-pg-catalog's; limits, threads and the snapshot
//! of each query are those of [`super::run`].

use super::run::{CATALOG, SCHEMA, SqlStream, memory, read_only, sql_error};
use super::tables::Tables;
use super::{SqlLimits, run};
use crate::{Engine, EngineError};
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::{
    CatalogProvider, MemoryCatalogProvider, MemoryCatalogProviderList, SchemaProvider,
};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::{ColumnarValue, LogicalPlan, Volatility, create_udf};
use datafusion::prelude::{Expr, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement as DfStatement;
use datafusion::sql::sqlparser::ast;
use datafusion_pg_catalog::pg_catalog::context::EmptyContextProvider;
use datafusion_pg_catalog::pg_catalog::setup_pg_catalog;
use datafusion_pg_catalog::sql::PostgresCompatibilityParser;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use store::Cancel;

/// The schema of the system catalogue.
const SYSTEM_SCHEMA: &str = "pg_catalog";

/// Serves PostgreSQL clients of one engine. Make one and share it: object ids in the catalogue are its own.
pub struct Wire {
    engine: Engine,
    template: SessionState,
    system: Arc<dyn SchemaProvider>,
    parser: PostgresCompatibilityParser,
}

/// One statement of a client.
#[derive(Debug, Clone)]
pub struct WireStatement {
    /// What it asks for.
    pub command: WireCommand,
    statement: Box<ast::Statement>,
}

/// What a statement asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireCommand {
    /// Rows.
    Query,
    /// A setting of the session: its name in lower case, and its value.
    Set(String, String),
    /// The value of a setting.
    Show(String),
    /// A transaction; there is nothing to undo in reading.
    Begin,
    /// The end of one.
    Commit,
    /// The end of one.
    Rollback,
    /// A point of a transaction to go back to.
    Savepoint,
    /// The end of such a point.
    Release,
    /// Back to such a point: a transaction that failed since goes on.
    RollbackTo,
    /// Forgets what the session made.
    Discard,
}

/// What is known of a statement before it runs.
#[derive(Debug, Clone)]
pub struct WireShape {
    /// Columns of the answer; none for what is no query.
    pub schema: SchemaRef,
    /// Types of `$1`, `$2` …, where the statement tells.
    pub parameters: Vec<Option<DataType>>,
}

impl Wire {
    /// Readies the catalogue. `version` is what `version()` says: it begins with `PostgreSQL` and a number, which
    /// clients read.
    pub fn new(engine: &Engine, version: &str) -> Result<Self, EngineError> {
        let config = SessionConfig::new()
            .with_information_schema(true)
            .with_target_partitions(engine.threads)
            .with_create_default_catalog_and_schema(false)
            .with_default_catalog_and_schema(CATALOG, SCHEMA);
        let context = SessionContext::new_with_config(config);
        let catalog = Arc::new(MemoryCatalogProvider::new());
        let newest = Tables::new(engine, None, &Cancel::default());
        catalog.register_schema(SCHEMA, Arc::new(newest)).map_err(sql_error)?;
        context.register_catalog(CATALOG, catalog.clone());
        setup_pg_catalog(&context, CATALOG, EmptyContextProvider).map_err(|error| sql_error(*error))?;
        let version = version.to_owned();
        let tell =
            move |_: &[ColumnarValue]| Ok(ColumnarValue::Scalar(ScalarValue::Utf8(Some(version.clone()))));
        let udf = create_udf("version", Vec::new(), DataType::Utf8, Volatility::Stable, Arc::new(tell));
        context.register_udf(udf);
        let system = catalog.schema(SYSTEM_SCHEMA);
        let system = system.ok_or_else(|| EngineError::Internal("no system catalogue".to_owned()))?;
        let parser = PostgresCompatibilityParser::new();
        Ok(Self { engine: engine.clone(), template: context.state(), system, parser })
    }

    /// The statements of a text. What `current_setting` gives is the session's, by lower-case name; `None` of one that
    /// does not exist.
    pub fn parse(
        &self,
        text: &str,
        setting: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<WireStatement>, EngineError> {
        let statements = self.parser.parse(text).map_err(|error| EngineError::Sql(error.to_string()))?;
        let named = |mut statement: ast::Statement| {
            put_settings(&mut statement, &setting)?;
            Ok(WireStatement { command: command(&statement), statement: Box::new(statement) })
        };
        statements.into_iter().map(named).collect()
    }

    /// Plans a statement to tell its columns and parameters.
    pub async fn shape(self: &Arc<Self>, statement: &WireStatement) -> Result<WireShape, EngineError> {
        if statement.command != WireCommand::Query {
            let schema = Arc::new(arrow::datatypes::Schema::empty());
            return Ok(WireShape { schema, parameters: Vec::new() });
        }
        let planned = run::runtime(self.engine.threads)?.spawn(self.plan_shape(statement));
        planned.await.map_err(|error| EngineError::Internal(error.to_string()))?
    }

    // Boxed, as the opening of a query is: compiled here.
    fn plan_shape(
        self: &Arc<Self>,
        statement: &WireStatement,
    ) -> BoxFuture<'static, Result<WireShape, EngineError>> {
        let (wire, statement) = (self.clone(), statement.statement.clone());
        let snapshot = self.engine.store.snapshot();
        Box::pin(async move {
            let tables = Tables::new(&wire.engine, Some(snapshot), &Cancel::default());
            let state = wire.session(tables, SqlLimits::default())?.state();
            let plan = state.statement_to_plan(DfStatement::Statement(statement)).await.map_err(sql_error)?;
            read_only().verify_plan(&plan).map_err(sql_error)?;
            let schema = Arc::new(plan.schema().as_arrow().clone());
            Ok(WireShape { schema, parameters: parameters(&plan)? })
        })
    }

    /// Runs a query on the newest data; as [`Engine::sql_stream`].
    pub async fn run(
        self: &Arc<Self>,
        statement: &WireStatement,
        parameters: Option<ParamValues>,
        limits: SqlLimits,
        cancel: &Cancel,
    ) -> Result<SqlStream, EngineError> {
        self.open_stream(statement, parameters, limits, cancel).await
    }

    fn open_stream<'a>(
        self: &'a Arc<Self>,
        statement: &WireStatement,
        parameters: Option<ParamValues>,
        limits: SqlLimits,
        cancel: &'a Cancel,
    ) -> BoxFuture<'a, Result<SqlStream, EngineError>> {
        let (wire, statement) = (self.clone(), statement.statement.clone());
        let snapshot = self.engine.store.snapshot();
        let plan = move |tables: Tables| async move {
            let context = wire.session(tables, limits)?;
            let state = context.state();
            let plan = state.statement_to_plan(DfStatement::Statement(statement)).await.map_err(sql_error)?;
            read_only().verify_plan(&plan).map_err(sql_error)?;
            let plan = match parameters {
                Some(parameters) => plan.replace_params_with_values(&parameters).map_err(sql_error)?,
                None => plan,
            };
            context.execute_logical_plan(plan).await.map_err(sql_error)
        };
        Box::pin(self.engine.start(snapshot, limits, cancel, plan))
    }

    /// A session over one snapshot, with the one system catalogue.
    fn session(&self, tables: Tables, limits: SqlLimits) -> Result<SessionContext, EngineError> {
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(SCHEMA, Arc::new(tables)).map_err(sql_error)?;
        catalog.register_schema(SYSTEM_SCHEMA, self.system.clone()).map_err(sql_error)?;
        let list = MemoryCatalogProviderList::new();
        datafusion::catalog::CatalogProviderList::register_catalog(
            &list,
            CATALOG.to_owned(),
            Arc::new(catalog),
        );
        let state = SessionStateBuilder::new_from_existing(self.template.clone())
            .with_catalog_list(Arc::new(list))
            .with_runtime_env(memory(limits)?)
            .build();
        Ok(SessionContext::new_with_state(state))
    }
}

fn command(statement: &ast::Statement) -> WireCommand {
    use ast::Statement;
    match statement {
        Statement::Set(set) => match set {
            ast::Set::SingleAssignment { variable, values, .. } => {
                let values: Vec<String> = values.iter().map(|value| unquoted(&value.to_string())).collect();
                WireCommand::Set(variable.to_string().to_lowercase(), values.join(", "))
            }
            ast::Set::SetTimeZone { value, .. } => {
                WireCommand::Set("timezone".to_owned(), unquoted(&value.to_string()))
            }
            // Of a transaction: how it isolates reading, which each query does by its snapshot.
            other => WireCommand::Set("transaction".to_owned(), other.to_string()),
        },
        Statement::ShowVariable { variable } => {
            let words: Vec<String> = variable.iter().map(|word| word.value.to_lowercase()).collect();
            WireCommand::Show(words.join(" "))
        }
        Statement::StartTransaction { .. } => WireCommand::Begin,
        Statement::Commit { .. } => WireCommand::Commit,
        Statement::Rollback { savepoint: Some(_), .. } => WireCommand::RollbackTo,
        Statement::Rollback { .. } => WireCommand::Rollback,
        Statement::Savepoint { .. } => WireCommand::Savepoint,
        Statement::ReleaseSavepoint { .. } => WireCommand::Release,
        Statement::Discard { .. } | Statement::Deallocate { .. } | Statement::Close { .. } => {
            WireCommand::Discard
        }
        _ => WireCommand::Query,
    }
}

/// Puts the values of settings in place of `current_setting('name' [, missing_ok])`. The planner knows no session.
fn put_settings(
    statement: &mut ast::Statement,
    setting: &impl Fn(&str) -> Option<String>,
) -> Result<(), EngineError> {
    let put = |expression: &mut ast::Expr| {
        let Some((name, missing_ok)) = setting_asked(expression) else { return ControlFlow::Continue(()) };
        let value = match setting(&name.to_lowercase()) {
            Some(value) => ast::Value::SingleQuotedString(value),
            None if missing_ok => ast::Value::Null,
            None => return ControlFlow::Break(name),
        };
        *expression = ast::Expr::Value(value.into());
        ControlFlow::Continue(())
    };
    match ast::visit_expressions_mut(statement, put) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(name) => Err(EngineError::Sql(format!("the setting \"{name}\" is unknown"))),
    }
}

/// The setting that an expression asks for by a name in quotes, and whether it may be missing.
fn setting_asked(expression: &ast::Expr) -> Option<(String, bool)> {
    let ast::Expr::Function(call) = expression else { return None };
    let function = call.name.to_string().to_lowercase();
    if function.trim_start_matches("pg_catalog.") != "current_setting" {
        return None;
    }
    let ast::FunctionArguments::List(list) = &call.args else { return None };
    let value = |at: usize| match list.args.get(at) {
        Some(ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(ast::Expr::Value(value)))) => {
            Some(&value.value)
        }
        _ => None,
    };
    let Some(ast::Value::SingleQuotedString(name)) = value(0) else { return None };
    Some((name.clone(), matches!(value(1), Some(ast::Value::Boolean(true)))))
}

fn unquoted(text: &str) -> String {
    text.trim_matches(['\'', '"']).to_owned()
}

/// Types of the parameters in order; what the plan does not know, a cast may tell.
fn parameters(plan: &LogicalPlan) -> Result<Vec<Option<DataType>>, EngineError> {
    let mut types: BTreeMap<usize, Option<DataType>> = BTreeMap::new();
    let number = |id: &str| id.trim_start_matches('$').parse::<usize>().unwrap_or(usize::MAX);
    for (id, data_type) in plan.get_parameter_types().map_err(sql_error)? {
        types.insert(number(&id), data_type);
    }
    let look = |node: &LogicalPlan| {
        for expression in node.expressions() {
            expression.apply(|inner| {
                if let Expr::Cast(cast) = inner
                    && let Expr::Placeholder(placeholder) = &*cast.expr
                {
                    let known = types.entry(number(&placeholder.id)).or_default();
                    known.get_or_insert_with(|| cast.field.data_type().clone());
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        Ok(TreeNodeRecursion::Continue)
    };
    plan.apply(look).map_err(sql_error)?;
    Ok(types.into_values().collect())
}
