import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

/** Files that shrink; fonts are packed already. */
const PACKED = /\.(js|css)$/

/**
 * Packs scripts and styles once, as hard as it goes: the server sends `name.br` or `name.gz` as it is, instead of packing
 * each file anew for every visitor. The plain file goes; who takes neither gets it unpacked.
 */
export function pack(): Plugin {
  let assets = ''
  return {
    name: 'pack',
    apply: 'build',
    configResolved: (config) => {
      assets = join(config.root, config.build.outDir, config.build.assetsDir)
    },
    closeBundle: async () => {
      const names = (await readdir(assets)).filter((name) => PACKED.test(name))
      await Promise.all(names.map((name) => packFile(join(assets, name))))
    },
  }
}

async function packFile(path: string) {
  const plain = await readFile(path)
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  await writeFile(`${path}.br`, await promisify(brotliCompress)(plain, { params }))
  await writeFile(`${path}.gz`, await promisify(gzip)(plain, { level: constants.Z_BEST_COMPRESSION }))
  await rm(path)
}
