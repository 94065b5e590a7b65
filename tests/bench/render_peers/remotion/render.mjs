// Renders the storyboard with Remotion: node render.mjs STORY.json OUT.mp4 CHROMIUM. Runs in the folder with node_modules.
import {bundle} from '@remotion/bundler';
import {renderMedia, selectComposition} from '@remotion/renderer';
import fs from 'node:fs';
import path from 'node:path';

const [storyFile, out, browserExecutable] = process.argv.slice(2);
const story = JSON.parse(fs.readFileSync(storyFile, 'utf8'));
fs.mkdirSync('public', {recursive: true});
fs.copyFileSync(story.sound, path.join('public', 'sound.wav'));
const inputProps = {scenes: story.lines, cues: story.cues, sound: 'sound.wav', seconds: story.seconds};

const serveUrl = await bundle({entryPoint: path.resolve('index.jsx'), enableCaching: false});
const browser = {serveUrl, browserExecutable, chromeMode: 'chrome-for-testing', inputProps};
const composition = await selectComposition({...browser, id: 'story'});
await renderMedia({...browser, composition, codec: 'h264', crf: Number(story.rate[1]), x264Preset: story.preset, outputLocation: path.resolve(out)});
