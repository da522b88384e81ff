import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Beside this file, compiled or not. */
const ENTRY = fileURLToPath(new URL(`client/main${import.meta.url.slice(-3)}`, import.meta.url));

/** The page's script with the libraries that it uses, as text that an element can hold. */
export async function bundleClient(): Promise<string> {
  const built = await build({
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      lib: { entry: ENTRY, formats: ['iife'], name: 'page' },
    },
  });
  const [output] = [built].flat();
  const [chunk] = output !== undefined && 'output' in output ? output.output : [];
  if (chunk === undefined) throw new Error('the page has no script');
  return chunk.code.replaceAll('</script', String.raw`<\/script`).replaceAll('<!--', String.raw`<\!--`);
}
