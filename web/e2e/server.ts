import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A running server with nothing in it. */
export interface Server {
  url: string
  stop: () => Promise<void>
}

const binary = process.env.GILMOK_BIN ?? fileURLToPath(new URL('../../target/debug/gilmok', import.meta.url))

/** Starts the binary on a free port with an empty data folder. It says itself where it listens. */
export async function startServer(): Promise<Server> {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: build it with \`cargo build --bin gilmok\``)
  const dir = mkdtempSync(join(tmpdir(), 'gilmok-e2e-'))
  const args = ['--data', join(dir, 'data'), '--json', 'serve', '--listen', '127.0.0.1:0']
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const url = await urlOf(child)
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    await ended
    rmSync(dir, { recursive: true, force: true })
  }
  return { url, stop }
}

function urlOf(child: ChildProcess): Promise<string> {
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${errors}`)))
    if (!child.stdout) return reject(new Error('the server has no output'))
    createInterface({ input: child.stdout }).once('line', (line) => {
      // By address rather than by name: `localhost` may lead to IPv6 first.
      resolve(JSON.parse(line).url.replace('localhost', '127.0.0.1'))
    })
  })
}
