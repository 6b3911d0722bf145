import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type PluginOption } from 'vite';

/** What nobody opens without a network: administration, imports, merging, doors, the divisions of China (77 KB). */
const ONLINE_ONLY = /features\/(admin|import|merge|auth|settings)\/|area-data/;

interface Built {
  file: string;
  css?: string[];
  imports?: string[];
  dynamicImports?: string[];
}

/** The files with which one reads and writes when there is no network: all that the first page leads to, but for the above. */
function reading(manifest: Record<string, Built>): string[] {
  const files = new Set<string>();
  const seen = new Set<string>();
  const add = (name: string) => {
    const chunk = manifest[name];
    if (seen.has(name) || !chunk) return;
    seen.add(name);
    for (const f of [chunk.file, ...(chunk.css ?? [])]) files.add(`/${f}`);
    for (const next of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? []).filter((n) => !ONLINE_ONLY.test(n))]) add(next);
  };
  add('index.html');
  return [...files];
}

/** Gives the service worker the number of this build, made of what was built, and the files it keeps from the start. */
function number(folder: string): void {
  const worker = join(folder, 'sw.js');
  const manifest = join(folder, '.vite/manifest.json');
  if (!existsSync(worker) || !existsSync(manifest)) return;
  const build = createHash('sha256').update(readFileSync(manifest)).update(readFileSync(worker)).digest('hex').slice(0, 12);
  const files = reading(JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, Built>);
  writeFileSync(worker, readFileSync(worker, 'utf8').replace('__BUILD__', build).replace("['__READING__']", JSON.stringify(files)));
}

/** Lays down texts beyond one packet compressed as well as can be, once: the program carries and sends them so. */
function compress(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|css|html|svg|webmanifest)$/.test(name)) continue;
    const bytes = readFileSync(join(folder, name));
    if (bytes.length < 1400) continue;
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
  }
}

/** What is done to the files once they lie there. */
function finish(): PluginOption {
  let folder = '';
  return {
    name: 'finish',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      number(folder);
      compress(folder);
    },
  };
}

/**
 * Names in the page the files that `theme-boot.js` asks for together with the scripts: the texts of each language, and what the workspace
 * and its first page are made of.
 */
function earlyFiles(): PluginOption {
  return {
    name: 'early-files',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const file = (lang: string) => Object.values(bundle ?? {}).find((c) => c.type === 'chunk' && c.facadeModuleId?.endsWith(`/i18n/${lang}.json`))?.fileName;
        const [en, zh] = [file('en'), file('zh-CN')];
        if (!en || !zh) throw new Error('the texts of a language have no file of their own');
        const chunks = Object.values(bundle ?? {}).filter((c) => c.type === 'chunk');
        const seen = new Set(chunks.filter((c) => c.isEntry).flatMap((c) => [c.fileName, ...c.imports]));
        // A module with everything it needs that the entry does not bring.
        const whole = (module: string) => {
          const found = chunks.find((c) => c.facadeModuleId?.endsWith(module));
          if (!found) throw new Error(`${module} has no file of its own`);
          const files: string[] = [];
          const add = (name: string) => {
            if (seen.has(name)) return;
            seen.add(name);
            const chunk = chunks.find((c) => c.fileName === name);
            files.push(`/${name}`, ...[...(chunk?.viteMetadata?.importedCss ?? [])].map((css) => `/${css}`));
            for (const next of chunk?.imports ?? []) add(next);
          };
          add(found.fileName);
          return files.join(' ');
        };
        const [inside, home] = [whole('/app/Workspace.tsx'), whole('/home/HomePage.tsx')];
        return html.replace('src="/theme-boot.js"', `src="/theme-boot.js" data-en="/${en}" data-zh="/${zh}" data-in="${inside}" data-home="${home}"`);
      },
    },
  };
}

// `npm run dev` talks to a running server; `npm run dev:mock` to a small in-memory stand-in that is never bundled.
export default defineConfig(async ({ mode }) => {
  const plugins: PluginOption[] = [react(), finish(), earlyFiles()];
  if (mode === 'mock') {
    const { mockServer } = await import('./dev/mock/plugin.ts');
    plugins.push(mockServer());
  }
  const target = process.env['RAPPORT_URL'] ?? 'http://127.0.0.1:7878';
  return {
    plugins,
    resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
    server: {
      host: '127.0.0.1',
      port: Number(process.env['PORT'] ?? 5173),
      // Help and changelog are the project's own documents.
      fs: { allow: ['..'] },
      proxy: mode === 'mock' ? {} : { '/api': { target, changeOrigin: false } },
    },
    build: {
      target: 'es2022',
      outDir: 'dist',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      cssCodeSplit: true,
      manifest: true,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 900,
    },
    test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/shared/test-setup.ts'], isolate: false, maxWorkers: 1, testTimeout: 30_000, hookTimeout: 60_000 },
  } as object;
});
