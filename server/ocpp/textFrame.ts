/**
 * One unmasked text frame (RFC 6455 section 5.2) in a buffer of its own. The header and the text go to the socket in one
 * write, where `ws` gives it two chunks for the stream to join.
 */
export const textFrame = (text: string): Buffer => {
  const length = Buffer.byteLength(text, "utf8")
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = 0x81
  if (start === 2) frame[1] = length
  else if (start === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeUInt32BE(0, 2)
    frame.writeUInt32BE(length, 6)
  }
  frame.write(text, start, "utf8")
  return frame
}
