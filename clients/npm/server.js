// Where the server is, and what its tests share. The model may be one that talks nonsense: whatever must have a form is forced.

export const url = process.env.MOINEAU_URL;
if (!url) {
  throw new Error('MOINEAU_URL is not set; ./run starts a server and sets it');
}

const models = await (await fetch(`${url}/v1/models`)).json();

/** The model that is served. */
export const model = models.data[0].id;

/** The schema of a forecast: every text is one of a few, since a small model may not end its own. */
export const forecast = {
  type: 'object',
  properties: { sky: { type: 'string', enum: ['clear', 'cloudy'] }, rain: { type: 'boolean' } },
  required: ['sky', 'rain'],
  additionalProperties: false,
};

/** The arguments of the tool `weather`. */
export const question = {
  type: 'object',
  properties: { day: { type: 'string', enum: ['today', 'tomorrow'] } },
  required: ['day'],
  additionalProperties: false,
};

/** Longer than any model's context here. */
export const tooLong = 'a sparrow and a river '.repeat(100_000);
