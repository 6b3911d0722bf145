import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    base: string;
  }
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const s = createServer();
    s.once('error', reject);
    s.listen(0, '127.0.0.1', () => {
      const at = s.address();
      s.close(() => (at && typeof at === 'object' ? resolve(at.port) : reject(new Error('no port'))));
    });
  });
}

/**
 * Starts the binary with the sample company, or uses the server that RAPPORT_URL names. It lives in a temporary folder, or in the empty
 * PostgreSQL database that RAPPORT_E2E_DATABASE names.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['RAPPORT_URL'];
  if (given) {
    project.provide('base', given.replace(/\/$/, ''));
    return async () => undefined;
  }
  const bin = process.env['RAPPORT_BIN'];
  if (!bin) throw new Error('the journeys need RAPPORT_BIN (the rapport program, built with the page) or RAPPORT_URL (a demo workspace that runs)');
  const folder = await mkdtemp(join(tmpdir(), 'rapport-e2e-'));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  let log = '';
  const database = process.env['RAPPORT_E2E_DATABASE'];
  const child: ChildProcess = spawn(bin, ['demo', '--data', folder, ...(database ? ['--database', database] : []), '--listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout?.on('data', (d) => { log += String(d); });
  child.stderr?.on('data', (d) => { log += String(d); });
  const deadline = Date.now() + 170_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`rapport demo ended with ${child.exitCode}\n${log.slice(-4000)}`);
    const ready = await fetch(`${base}/readyz`).then((r) => r.ok, () => false);
    if (ready) break;
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`rapport demo was not ready in time\n${log.slice(-4000)}`);
    }
    await new Promise((r) => setTimeout(r, 250));
  }
  project.provide('base', base);
  return async () => {
    child.kill('SIGTERM');
    await Promise.race([new Promise((r) => child.once('exit', r)), new Promise((r) => setTimeout(r, 10_000))]);
    if (child.exitCode === null) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
}
