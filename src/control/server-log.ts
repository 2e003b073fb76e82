/** In the data folder: what the control plane says. */
export const SERVER_LOG = 'millrace.log';
