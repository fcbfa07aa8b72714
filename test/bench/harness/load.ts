import { Latencies } from "./latencies.ts"
import { cpuMsOf } from "./proc.ts"
import type { Served } from "./servers.ts"
import type { Line } from "./wire.ts"

/** What one station says, message by message: each is sent when the one before was answered. */
export interface Script {
  /** The next CALL, or undefined when the station may stop here and was asked to. */
  readonly next: (isEnding: boolean) => { readonly messageId: string; readonly text: string } | undefined
  /** Looks at the CALLRESULT's text; throws when it is not what was to be expected. */
  readonly take: (text: string) => void
}

export interface Measured {
  readonly messagesPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly serverCpuUs: number
  /** The part of the server's that is spent in the kernel. */
  readonly kernelCpuUs: number
  readonly databaseCpuUs: number
  readonly clientCpuUs: number
}

/**
 * Lets every station play its script as fast as it is answered: `warmSeconds` first, then `seconds` that count, then each
 * to the end of what it has begun. Whatever is not a CALLRESULT for the CALL in flight fails the whole.
 */
export const play = (
  server: Served,
  stations: ReadonlyArray<{ readonly line: Line; readonly script: Script }>,
  time: { readonly warmSeconds: number; readonly seconds: number }
): Promise<Measured> =>
  new Promise((resolve, reject) => {
    let latencies = new Latencies()
    let isEnding = false
    let playing = stations.length
    let answered = 0
    let measured: Measured | undefined
    const timers: Array<NodeJS.Timeout> = []
    const stop = (why: Error): void => {
      for (const timer of timers) clearTimeout(timer)
      reject(why)
    }

    for (const { line, script } of stations) {
      let expected = ""
      let sentAt = 0
      const advance = (): void => {
        const call = script.next(isEnding)
        if (call === undefined) {
          line.onText = () => {}
          if (--playing === 0 && measured !== undefined) resolve(measured)
          return
        }
        expected = `[3,"${call.messageId}",`
        sentAt = performance.now()
        line.send(call.text)
      }
      line.onFailure = (why) => stop(new Error(why))
      line.onText = (text) => {
        if (!text.startsWith(expected)) return stop(new Error(`expected ${expected}...], got ${text}`))
        latencies.add(performance.now() - sentAt)
        answered++
        try {
          script.take(text)
        } catch (error) {
          return stop(error as Error)
        }
        advance()
      }
      advance()
    }

    const begin = (): void => {
      latencies = new Latencies()
      answered = 0
      const at = performance.now()
      const cpu = server.cpu()
      const own = cpuMsOf(process.pid)
      const end = (): void => {
        const seconds = (performance.now() - at) / 1_000
        const used = server.cpu()
        const perMessage = (ms: number): number => (ms * 1_000) / answered
        measured = {
          messagesPerSecond: answered / seconds,
          p50Ms: latencies.at(0.5),
          p99Ms: latencies.at(0.99),
          serverCpuUs: perMessage(used.serverMs - cpu.serverMs),
          kernelCpuUs: perMessage(used.kernelMs - cpu.kernelMs),
          databaseCpuUs: perMessage(used.databaseMs - cpu.databaseMs),
          clientCpuUs: perMessage(cpuMsOf(process.pid) - own)
        }
        isEnding = true
      }
      timers.push(setTimeout(end, time.seconds * 1_000))
    }
    timers.push(setTimeout(begin, time.warmSeconds * 1_000))
  })
