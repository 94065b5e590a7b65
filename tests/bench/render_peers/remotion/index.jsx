// The storyboard's line scenes as a Remotion composition: one SVG path drawn progressively, labels, captions and sound.
import React from 'react';
import {AbsoluteFill, Audio, Composition, Sequence, interpolate, registerRoot, staticFile, useCurrentFrame, useVideoConfig} from 'remotion';

const LEFT = 140, RIGHT = 1780, TOP = 220, BOTTOM = 820;
const INK = '#e8edf4', MUTED = '#8b97a8', ACCENT = '#ffb000', GROUND = '#10151d';

function Chart({scene, frames}) {
  const frame = useCurrentFrame();
  const days = scene.points.map(([day]) => Date.parse(day));
  const values = scene.points.map(([, value]) => value);
  const low = Math.min(...values), high = Math.max(...values);
  const x = (day) => LEFT + ((day - days[0]) / (days.at(-1) - days[0])) * (RIGHT - LEFT);
  const y = (value) => BOTTOM - ((value - low) / (high - low || 1)) * (BOTTOM - TOP);
  const shown = interpolate(frame, [0, frames * 0.8], [0, 1], {extrapolateRight: 'clamp'});
  const line = days.map((day, at) => `${at ? 'L' : 'M'}${x(day).toFixed(2)} ${y(values[at]).toFixed(2)}`).join('');
  return (
    <AbsoluteFill style={{opacity: interpolate(frame, [0, 9], [0, 1], {extrapolateRight: 'clamp'})}}>
      <div style={{position: 'absolute', left: LEFT, top: 70, fontSize: 60, fontWeight: 700, color: INK}}>{scene.heading}</div>
      <svg width={1920} height={1080}>
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <g key={part}>
            <line x1={LEFT} x2={RIGHT} y1={BOTTOM - part * (BOTTOM - TOP)} y2={BOTTOM - part * (BOTTOM - TOP)} stroke="#2a3342" />
            <text x={LEFT - 14} y={BOTTOM - part * (BOTTOM - TOP) + 9} fill={MUTED} fontSize={26} textAnchor="end">
              {(low + part * (high - low)).toFixed(0)}
            </text>
          </g>
        ))}
        <path d={line} fill="none" stroke={ACCENT} strokeWidth={5} pathLength={1} strokeDasharray={`${shown} 1`} />
        <text x={LEFT} y={BOTTOM + 44} fill={MUTED} fontSize={26}>{scene.points[0][0].slice(0, 7)}</text>
        <text x={RIGHT} y={BOTTOM + 44} fill={MUTED} fontSize={26} textAnchor="end">{scene.points.at(-1)[0].slice(0, 7)}</text>
      </svg>
      <div style={{position: 'absolute', left: LEFT, bottom: 36, fontSize: 26, color: MUTED}}>{scene.source}</div>
    </AbsoluteFill>
  );
}

function Caption({cues}) {
  const now = useCurrentFrame() / useVideoConfig().fps;
  const cue = cues.find(({start, end}) => start <= now && now < end);
  return cue ? (
    <div style={{position: 'absolute', bottom: 90, width: '100%', textAlign: 'center', fontSize: 46, color: 'white', whiteSpace: 'pre-line',
      textShadow: '0 0 8px black'}}>{cue.text}</div>
  ) : null;
}

function Story({scenes, cues, sound}) {
  const {fps} = useVideoConfig();
  return (
    <AbsoluteFill style={{backgroundColor: GROUND, fontFamily: 'Inter, sans-serif'}}>
      <Audio src={staticFile(sound)} />
      {scenes.map((scene) => {
        const frames = Math.round(scene.seconds * fps);
        return (
          <Sequence key={scene.at} from={Math.round(scene.at * fps)} durationInFrames={frames}>
            <Chart scene={scene} frames={frames} />
          </Sequence>
        );
      })}
      <Caption cues={cues} />
    </AbsoluteFill>
  );
}

registerRoot(() => (
  <Composition id="story" component={Story} width={1920} height={1080} fps={30} durationInFrames={30}
    defaultProps={{scenes: [], cues: [], sound: '', seconds: 1}}
    calculateMetadata={({props}) => ({durationInFrames: Math.round(props.seconds * 30)})} />
));
