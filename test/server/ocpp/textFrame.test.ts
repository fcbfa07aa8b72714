import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, it } from "@effect/vitest"
import { WebSocket, WebSocketServer } from "ws"
import { textFrame } from "#server/ocpp/textFrame.ts"

/** The texts that a `ws` client makes of these frames. */
const heard = (frames: ReadonlyArray<Uint8Array>): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
    server.on("upgrade", (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, () => {
        for (const frame of frames) socket.write(frame)
      })
    })
    server.listen(0, "127.0.0.1", () => {
      const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const texts: Array<string> = []
      client.on("error", reject)
      client.on("message", (data) => {
        texts.push(data.toString())
        if (texts.length < frames.length) return
        client.terminate()
        server.close()
        server.closeAllConnections()
        resolve(texts)
      })
    })
  })

it("a frame of any length says what it was given, in whatever script", async () => {
  const texts = [0, 1, 125, 126, 127, 65_535, 65_536, 70_001].map((length) => "x".repeat(length))
  texts.push("Ladesäule 充电 🔌", "é".repeat(63), "é".repeat(32_768))
  assert.deepStrictEqual(await heard(texts.map(textFrame)), texts)
})
