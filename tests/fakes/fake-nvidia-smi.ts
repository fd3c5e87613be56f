/** A fake of NVIDIA's tool: a program of its name that prints what it prints. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What nvidia-smi of driver 580 prints without options. */
export const overview580 = `Sun Nov 22 12:00:00 2026
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 580.159.03             Driver Version: 580.159.03     CUDA Version: 13.0     |
+-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
`

/** Folder for PATH. `table` is the answer to a query. */
export function fakeNvidiaSmi(overview: string, table: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tpo-nvidia-smi-'))
  const script = `#!/bin/sh
case "$1" in
--query-gpu=*) cat <<'END'
${table}
END
;;
*) cat <<'END'
${overview}
END
;;
esac
`
  writeFileSync(join(folder, 'nvidia-smi'), script, { mode: 0o755 })
  return folder
}
