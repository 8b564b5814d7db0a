// The loop of nodemailer's own documentation for many mails: a pool that is given the next mail when it is idle.
// node nodemailer_pool.cjs MODULE MAILS PORT CONNECTIONS, where MAILS has a mail a line, as JSON.
'use strict';

const fs = require('node:fs');

const [module_path, mails_path, port, connections] = process.argv.slice(2);
const nodemailer = require(module_path);

const mails = fs.readFileSync(mails_path, 'utf8').trimEnd().split('\n');
const transporter = nodemailer.createTransport({
    pool: true,
    host: '127.0.0.1',
    port: Number(port),
    secure: false,
    ignoreTLS: true,
    maxConnections: Number(connections),
    maxMessages: Infinity,
});

let next = 0;
let under_way = 0;

function send() {
    while (transporter.isIdle() && next < mails.length) {
        under_way += 1;
        transporter.sendMail(JSON.parse(mails[next++]), (error) => {
            if (error) {
                throw error;
            }
            under_way -= 1;
            if (next === mails.length && under_way === 0) {
                transporter.close();
            }
        });
    }
}

transporter.on('idle', send);
