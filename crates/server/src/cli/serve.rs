//! `gilmok serve` and `gilmok demo`: the server on a data folder.

use super::open::{Folder, Note};
use super::terminal::{Terminal, interrupted};
use crate::app::{App, PublicUrl, Settings, Setup, meta_failure};
use crate::auth::{password, session};
use crate::failure::{Class, Failure, Result};
use crate::{http, listen, pg, uploads};
use clap::Args;
use engine::demo::DemoSize;
use engine::import::Progress;
use engine::{Engine, EngineError};
use meta::{NewUser, Role, User};
use model::{Key, Kind};
use std::net::SocketAddr;
use std::time::Duration;
use store::StoreError;
use tokio::net::TcpListener;

/// Where the demo's owner signs in.
const DEMO_EMAIL: &str = "demo@gilmok.local";
/// The setting that says that a folder holds the demo company, and whether it is whole.
const DEMO_SETTING: &str = "demo";
/// Time an import has to stop at the end.
const IMPORTS_STOP: Duration = Duration::from_secs(10);

/// How to listen.
#[derive(Debug, Args)]
pub struct ListenArgs {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7070", env = "GILMOK_LISTEN")]
    listen: SocketAddr,
    /// Also serve the PostgreSQL wire here, for psql, pandas, Metabase and Grafana: such as 127.0.0.1:5439.
    #[arg(long, value_name = "ADDRESS:PORT", env = "GILMOK_PG_LISTEN")]
    pg_listen: Option<SocketAddr>,
    /// Serve the PostgreSQL wire beyond this machine although it is not encrypted: in a private network, or behind a
    /// tunnel.
    #[arg(long, requires = "pg_listen")]
    pg_unencrypted: bool,
}

/// Arguments of `gilmok serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    listen: ListenArgs,
    #[command(flatten)]
    tail: TailArgs,
    /// Where people reach the server from outside, such as https://journeys.example.com. With https, cookies are
    /// bound to it; TLS itself is the work of a proxy before the server.
    #[arg(long, value_name = "URL", env = "GILMOK_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
    /// Listen beyond this machine although there is no account yet. The first account then needs the code that is
    /// printed at the start.
    #[arg(long)]
    allow_setup: bool,
    /// Largest file that may be uploaded, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 4096)]
    max_upload: u64,
    /// Events a second that one source may send; further ones are asked to wait [default: any number].
    #[arg(long, value_name = "EVENTS", value_parser = clap::value_parser!(u32).range(1..))]
    source_rate: Option<u32>,
}

/// When new events leave the log for parts, and how many may wait.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// Put new events into parts when there are so many.
    #[arg(long, value_name = "EVENTS", default_value_t = 500_000, value_parser = read_count)]
    seal_rows: usize,
    /// Put new events into parts after so many seconds in any case.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seal_seconds: u64,
    /// Memory for events that are not in parts yet; beyond it senders are asked to wait.
    #[arg(long, value_name = "MIB", default_value_t = 768, value_parser = read_count)]
    tail_mib: usize,
    /// Memory for decoded columns, which make questions asked again faster; 0 for none.
    #[arg(long, value_name = "MIB", default_value_t = 1280)]
    cache_mib: usize,
}

fn read_count(text: &str) -> Result<usize, String> {
    let count = text.parse::<usize>().ok().filter(|count| (1..=1_000_000_000).contains(count));
    count.ok_or_else(|| "write a whole number from 1 to 1,000,000,000".to_owned())
}

impl TailArgs {
    fn options(&self) -> store::Options {
        store::Options {
            seal_rows: self.seal_rows,
            seal_after: Duration::from_secs(self.seal_seconds),
            tail_max_bytes: self.tail_mib.saturating_mul(1 << 20),
            cache_max_bytes: self.cache_mib.saturating_mul(1 << 20),
        }
    }
}

/// Arguments of `gilmok demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    #[command(flatten)]
    listen: ListenArgs,
    /// Make the company and end.
    #[arg(long)]
    no_serve: bool,
    /// How much of the company to make: 1 is all of it, 0.01 one person in a hundred.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = read_size)]
    size: f64,
    /// Password of the demo's owner; made up when absent.
    #[arg(long, value_name = "PASSWORD")]
    password: Option<String>,
}

fn read_size(text: &str) -> Result<f64, String> {
    let size = text.parse::<f64>().ok().filter(|size| (0.001..=20.0).contains(size));
    size.ok_or_else(|| "write a number from 0.001 to 20".to_owned())
}

/// Serves a folder until interrupted.
pub async fn serve(folder: &Folder, args: ServeArgs, terminal: Terminal) -> Result<()> {
    let engine = folder.open_or_make_with(args.tail.options()).await?;
    let loopback = args.listen.listen.ip().is_loopback();
    let no_account = engine.meta.users().await.map_err(meta_failure)?.is_empty();
    if !loopback && no_account && !args.allow_setup {
        return Err(Failure::say(
            Class::Invalid,
            "serve.no_account",
            (
                "아직 계정이 없어, 다른 컴퓨터에서 닿는 주소로는 열지 않았습니다.",
                "There is no account yet, so the server does not listen beyond this machine.",
            ),
            (
                "먼저 이 컴퓨터에서 `gilmok serve`로 소유자 계정을 만들거나, `--allow-setup`을 더해 콘솔에 나오는 코드로 만드세요.",
                "Make the owner's account with `gilmok serve` on this machine first, or add `--allow-setup` and use the code it prints.",
            ),
        ));
    }
    // The code goes to the console and nowhere else, so that only who started the server can claim it.
    let code = (!loopback && no_account).then(session::new_token);
    let settings = Settings {
        loopback,
        public_url: args.public_url,
        setup: code.as_deref().map_or(Setup::Open, |code| Setup::Code(session::token_hash(code))),
        upload_bytes_max: args.max_upload.saturating_mul(1 << 20),
        source_rate_max: args.source_rate,
        ..Settings::local()
    };
    if let Some(code) = &code {
        terminal.say(format!("설정 코드: {code}"), format!("Setup code: {code}"));
    }
    run(App::new(engine, settings), &args.listen, None, terminal).await
}

/// Makes the demo company where there is nothing yet, and serves it.
pub async fn demo(folder: &Folder, args: DemoArgs, terminal: Terminal) -> Result<()> {
    if !args.listen.listen.ip().is_loopback() {
        return Err(Failure::say(
            Class::Invalid,
            "demo.loopback",
            ("데모는 이 컴퓨터에서만 열 수 있습니다.", "The demo is for this machine alone."),
            ("`gilmok serve --listen …`을 쓰세요.", "Use `gilmok serve --listen …`."),
        ));
    }
    let engine = folder.open_or_make().await?;
    install(&engine, args.size, terminal).await?;
    let owner = owner(&engine, args.password.as_deref()).await?;
    let maps: Vec<Key> =
        engine.documents(Kind::Map).await?.iter().map(|map| map.body.key().clone()).collect();
    let map = maps.iter().find(|key| key.as_str() == engine::demo::HOME_MAP).or(maps.first()).cloned();
    if args.no_serve {
        return tell_made(&owner, map.as_ref(), terminal);
    }
    let settings = Settings { home: map.map(|key| format!("/maps/{key}")), ..Settings::local() };
    run(App::new(engine, settings), &args.listen, Some(owner), terminal).await
}

/// The demo's owner, and the password when it was set just now.
struct DemoOwner {
    user: User,
    password: Option<String>,
}

async fn install(engine: &Engine, size: f64, terminal: Terminal) -> Result<()> {
    let state = engine.meta.setting(DEMO_SETTING).await.map_err(meta_failure)?;
    if state.as_deref() == Some("done") {
        return Ok(());
    }
    // A demo that was interrupted is made again: its events have the same ids and are there once.
    if state.is_none() && engine.store.snapshot().n_events() > 0 {
        return Err(Failure::say(
            Class::Conflict,
            "demo.other_data",
            ("이 폴더에는 이미 다른 데이터가 있습니다.", "This folder holds other data already."),
            ("`--data`로 빈 폴더를 고르세요.", "Choose an empty folder with `--data`."),
        ));
    }
    engine.meta.put_setting(DEMO_SETTING, "begun").await.map_err(meta_failure)?;
    let (progress, demo_size) = (Progress::default(), DemoSize::part(size));
    let work = engine::demo::install(engine, &demo_size, &progress);
    let report = terminal.watch(terminal.choose("길목상점", "demo company"), &progress, work).await?;
    engine.meta.put_setting(DEMO_SETTING, "done").await.map_err(meta_failure)?;
    terminal.say(
        format!("길목상점을 만들었습니다: {}명, 이벤트 {}개.", report.n_people, report.n_added),
        format!("The demo company is made: {} people, {} events.", report.n_people, report.n_added),
    );
    Ok(())
}

async fn owner(engine: &Engine, wanted: Option<&str>) -> Result<DemoOwner> {
    if let Some(wanted) = wanted {
        password::check(wanted, DEMO_EMAIL)?;
    }
    let passwords = password::Passwords::default();
    let there = engine.meta.user_by_login(DEMO_EMAIL).await.map_err(meta_failure)?;
    match (there, wanted) {
        (Some(user), None) => Ok(DemoOwner { user, password: None }),
        (Some(user), Some(wanted)) => {
            let hash = passwords.hash(wanted).await?;
            engine.meta.set_password(user.id, &hash).await.map_err(meta_failure)?;
            Ok(DemoOwner { user, password: Some(wanted.to_owned()) })
        }
        (None, wanted) => {
            let password = wanted.map_or_else(|| session::new_token()[..20].to_owned(), str::to_owned);
            let hash = passwords.hash(&password).await?;
            let new = NewUser { login: DEMO_EMAIL, name: "Demo", role: Role::Owner, password_hash: &hash };
            let user = engine.meta.create_user(new, engine.clock.now_us()).await.map_err(meta_failure)?;
            Ok(DemoOwner { user, password: Some(password) })
        }
    }
}

fn tell_made(owner: &DemoOwner, map: Option<&Key>, terminal: Terminal) -> Result<()> {
    if terminal.json {
        return terminal.print_json(&serde_json::json!({
            "email": DEMO_EMAIL, "password": owner.password, "map": map,
        }));
    }
    tell_sign_in(owner, terminal);
    Ok(())
}

fn tell_sign_in(owner: &DemoOwner, terminal: Terminal) {
    match &owner.password {
        Some(password) => terminal.say(
            format!("  로그인: {DEMO_EMAIL} / {password}"),
            format!("  Sign in: {DEMO_EMAIL} / {password}"),
        ),
        None => terminal.say(
            format!("  로그인: {DEMO_EMAIL} (비밀번호는 처음 만들 때 나왔습니다. `--password`로 바꿀 수 있습니다.)"),
            format!("  Sign in: {DEMO_EMAIL} (the password was shown at first; `--password` sets another)"),
        ),
    }
}

async fn run(app: App, args: &ListenArgs, demo: Option<DemoOwner>, terminal: Terminal) -> Result<()> {
    let listen = args.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| cannot_listen(listen, &error))?;
    let wire = match args.pg_listen {
        Some(listen) => Some((listen_wire(listen, args.pg_unencrypted).await?, pg::Server::new(&app)?)),
        None => None,
    };
    let address = listener.local_addr().map_err(Failure::internal)?;
    let url = match (&app.settings.public_url, address.ip().is_loopback()) {
        (Some(url), _) => url.origin(),
        (None, true) => format!("http://localhost:{}", address.port()),
        (None, false) => format!("http://{address}"),
    };
    let link = demo
        .as_ref()
        .map(|owner| format!("{url}/open/{}", app.links.make(owner.user.id, app.engine.clock.now_us())));
    uploads::sweep(&app).await?;
    let note = Note::leave(&app.engine.dir, &url);
    let wire_address = wire.as_ref().and_then(|(wire, _)| wire.local_addr().ok());
    tell_where(&url, wire_address, link.as_deref(), demo.as_ref(), terminal)?;
    let (stop_wire, wire_stopped) = tokio::sync::oneshot::channel::<()>();
    let wire = wire.map(|(wire, server)| {
        let stop = async {
            let _ = wire_stopped.await; // Sent, or the sender is gone: both mean the end.
        };
        tokio::spawn(server.serve(wire, stop))
    });
    let (stop_expiring, expiring_stopped) = tokio::sync::oneshot::channel::<()>();
    let expiring = tokio::spawn(expire_hourly(app.clone(), expiring_stopped));
    let mut log_stopped = false;
    let stop = async {
        tokio::select! {
            () = interrupted() => {}
            () = app.intake.stopped() => log_stopped = true,
        }
    };
    listen::serve(listener, http::router(app.clone()), stop).await;
    drop((stop_wire, stop_expiring));
    if let Some(wire) = wire
        && let Err(error) = wire.await
    {
        tracing::warn!(%error, "the PostgreSQL wire ended badly");
    }
    app.jobs.cancel_all();
    app.backups.cancel_all();
    let stopped = async {
        while app.jobs.any_running() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(IMPORTS_STOP, stopped).await.is_err() {
        tracing::warn!(
            "an import did not stop in time; it goes on from its checkpoint when it is begun again"
        );
    }
    if tokio::time::timeout(IMPORTS_STOP, expiring).await.is_err() {
        tracing::warn!("expired data was being taken out; that is begun again at the next start");
    }
    drop(note);
    if log_stopped {
        // Nothing more is written: what was acknowledged is read back from the log at the next start.
        return Err(Failure::many(Class::Internal, EngineError::from(StoreError::Stopped).problems()));
    }
    if let Err(error) = app.engine.store.close().await {
        tracing::warn!(%error, "the log could not be sealed; it is read back at the next start");
    }
    app.engine.meta.close().await;
    Ok(())
}

/// Looks every hour whether data has expired, until `stopped` is dropped; what it began is finished.
async fn expire_hourly(app: App, mut stopped: tokio::sync::oneshot::Receiver<()>) {
    let mut hourly = tokio::time::interval(Duration::from_secs(3600));
    loop {
        tokio::select! {
            _ = hourly.tick() => {}
            _ = &mut stopped => return,
        }
        match app.engine.expire_when_due().await {
            Ok(Some(expired)) if expired.n_rows > 0 => {
                tracing::info!(n_rows = expired.n_rows, n_parts = expired.n_parts, "took out expired events");
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "expired data could not be taken out; tried again in an hour")
            }
        }
    }
}

fn tell_where(
    url: &str,
    wire: Option<SocketAddr>,
    link: Option<&str>,
    demo: Option<&DemoOwner>,
    terminal: Terminal,
) -> Result<()> {
    if terminal.json {
        let password = demo.and_then(|owner| owner.password.as_deref());
        let email = demo.map(|_| DEMO_EMAIL);
        let told = serde_json::json!({
            "url": url, "open_url": link, "email": email, "password": password, "pg": wire,
        });
        return terminal.print(&format!("{told}\n"));
    }
    terminal.say(
        format!("길목이 {url} 에서 돌고 있습니다. 멈추려면 Ctrl-C."),
        format!("Gilmok is at {url}. Ctrl-C stops it."),
    );
    if let Some(wire) = wire {
        let (host, port) = (wire.ip(), wire.port());
        terminal.say(
            format!("  PostgreSQL로 읽기: psql -h {host} -p {port} -U 전자우편 gilmok"),
            format!("  Read it as PostgreSQL: psql -h {host} -p {port} -U EMAIL gilmok"),
        );
    }
    if let Some(link) = link {
        terminal.say(format!("  바로 열기(한 번만): {link}"), format!("  Open it (works once): {link}"));
    }
    if let Some(owner) = demo {
        tell_sign_in(owner, terminal);
    }
    Ok(())
}

/// Listens for PostgreSQL clients. Their passwords come unencrypted, so not beyond this machine unless told to.
async fn listen_wire(listen: SocketAddr, unencrypted: bool) -> Result<TcpListener> {
    if !listen.ip().is_loopback() && !unencrypted {
        return Err(Failure::say(
            Class::Invalid,
            "serve.pg_unencrypted",
            (
                "PostgreSQL 연결은 암호화되지 않아, 다른 컴퓨터에서 닿는 주소로는 열지 않았습니다.",
                "PostgreSQL connections are not encrypted, so they are not served beyond this machine.",
            ),
            (
                "`--pg-listen 127.0.0.1:5439`와 SSH 터널을 쓰거나, 사설망이라면 `--pg-unencrypted`를 더하세요.",
                "Use `--pg-listen 127.0.0.1:5439` and an SSH tunnel, or add `--pg-unencrypted` in a private network.",
            ),
        ));
    }
    TcpListener::bind(listen).await.map_err(|error| cannot_listen(listen, &error))
}

fn cannot_listen(listen: SocketAddr, error: &std::io::Error) -> Failure {
    let class = if error.kind() == std::io::ErrorKind::AddrInUse { Class::Conflict } else { Class::Invalid };
    Failure::say(
        class,
        "serve.listen",
        (format!("{listen}에서 들을 수 없습니다: {error}."), format!("Cannot listen on {listen}: {error}.")),
        (
            "그 포트를 쓰는 프로그램을 멈추거나 `--listen 127.0.0.1:다른포트`를 쓰세요.",
            "Stop the program that uses the port, or choose another with `--listen 127.0.0.1:PORT`.",
        ),
    )
}
