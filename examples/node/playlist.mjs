// HLS playlists whose every address is signed by one grant.

/** Each address of a playlist, relative to where the playlist lies, with the grant on it (RFC 8216, sections 4.1 and 4.3). */
export function signPlaylist(text, base, grant) {
  const sign = (address) => grant.url(new URL(address, base).href);
  return text
    .split(/\r?\n/)
    .map((line) => {
      if (line.startsWith("#EXT")) return line.replace(/\bURI="([^"]*)"/, (_, address) => `URI="${sign(address)}"`);
      return line === "" || line.startsWith("#") ? line : sign(line);
    })
    .join("\n");
}
