// Three seconds of video as a file and as streams of every form, made by ffmpeg and Shaka Packager.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { path } from "./documents.mjs";
import { required } from "./environment.mjs";

export const SECONDS = 3;

const HLS = ["-f", "hls", "-hls_time", "1", "-hls_playlist_type", "vod"];
const DASH = ["-f", "dash", "-seg_duration", "1"];

/** ffmpeg's options for the stream in each folder; the manifest is index.m3u8 or index.mpd. */
const STREAMS = {
  "hls-ts": [...HLS, "index.m3u8"],
  "hls-fmp4": [...HLS, "-hls_segment_type", "fmp4", "index.m3u8"],
  "hls-aes-128": [...HLS, "-hls_key_info_file", "key_info", "index.m3u8"],
  "hls-iframes": ["-an", ...HLS, "-hls_flags", "iframes_only", "index.m3u8"],
  "dash-timeline": [...DASH, "-use_template", "1", "-use_timeline", "1", "index.mpd"],
  "dash-numbers": [...DASH, "-use_template", "1", "-use_timeline", "0", "index.mpd"],
  "dash-list": [...DASH, "-use_template", "0", "-use_timeline", "0", "index.mpd"],
  "dash-single-file": [...DASH, "-single_file", "1", "index.mpd"],
};

/** The same two tracks for a multivariant playlist and for an MPD with templates. */
const PACKAGED = ["video", "audio"].map((track) => `in=../film.mp4,stream=${track},init_segment=${track}.mp4,segment_template=${track}-$Number$.m4s,playlist_name=${track}.m3u8`);
const PACKAGER = {
  "hls-packager": ["--hls_master_playlist_output", "index.m3u8"],
  "dash-packager": ["--generate_static_live_mpd", "--mpd_output", "index.mpd"],
};

const SUBTITLES = "WEBVTT\n\n00:00.000 --> 00:02.500\nHello\n";

/** A multivariant playlist: two languages, subtitles and I-frames. */
const MULTIVARIANT = [
  ...["-map", "0:v", "-map", "0:a", "-map", "0:a", "-map", "1:s", "-c:v", "copy", "-c:a", "copy", "-c:s", "webvtt", ...HLS],
  ...["-master_pl_name", "index.m3u8", "-var_stream_map", "v:0,s:0,agroup:sound,sgroup:text a:0,agroup:sound,language:en,default:yes a:1,agroup:sound,language:de"],
  "stream_%v.m3u8",
];

const ffmpeg = (cwd, args) => execFileSync(required("FFMPEG"), ["-hide_banner", "-loglevel", "error", "-nostdin", ...args], { cwd, stdio: ["ignore", "inherit", "inherit"] });

/** Writes film.mp4. */
export function makeFilm(folder) {
  ffmpeg(folder, [
    ...["-f", "lavfi", "-i", `testsrc2=size=160x90:rate=10:duration=${SECONDS}`, "-f", "lavfi", "-i", `sine=frequency=440:duration=${SECONDS}`],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "baseline", "-pix_fmt", "yuv420p", "-g", "10", "-keyint_min", "10", "-sc_threshold", "0"],
    ...["-c:a", "aac", "-b:a", "48k", "-movflags", "+faststart", "film.mp4"],
  ]);
}

function newFolder(folder, name) {
  mkdirSync(join(folder, name));
  return join(folder, name);
}

/** Writes the folder of a stream that ffmpeg makes from the film. */
export function makeStream(folder, name) {
  const cwd = newFolder(folder, name);
  const args = STREAMS[name];
  if (args.includes("key_info")) {
    writeFileSync(join(cwd, "key.bin"), randomBytes(16));
    writeFileSync(join(cwd, "key_info"), "key.bin\nkey.bin\n");
  }
  ffmpeg(cwd, ["-i", "../film.mp4", "-c", "copy", ...args]);
}

/** Writes film.mp4 and a folder for each stream; their names. */
export function makeStreams(folder) {
  makeFilm(folder);
  for (const name of Object.keys(STREAMS)) makeStream(folder, name);
  for (const [name, args] of Object.entries(PACKAGER)) {
    execFileSync(process.execPath, [path("tests/js/node_modules/shaka-packager/index.js"), ...PACKAGED, "--segment_duration", "1", "--quiet", ...args], { cwd: newFolder(folder, name), stdio: ["ignore", "inherit", "inherit"] });
  }
  const cwd = newFolder(folder, "hls-multivariant");
  writeFileSync(join(cwd, "subtitles.vtt"), SUBTITLES);
  ffmpeg(cwd, ["-i", "../film.mp4", "-i", "subtitles.vtt", ...MULTIVARIANT]);
  appendFileSync(join(cwd, "index.m3u8"), '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100000,CODECS="avc1.42c00a",URI="../hls-iframes/index.m3u8"\n');
  return [...Object.keys(STREAMS), ...Object.keys(PACKAGER), "hls-multivariant"];
}
