#!/bin/sh
# The smallest AGI script: reads the environment block, then leaves a mark in a
# channel variable which tests can see. It works as AGI and as EAGI.
while read -r line && [ -n "$line" ]; do :; done
echo 'SET VARIABLE HELLO "from a script"'
read -r _answer
echo 'VERBOSE "hello from a script" 1'
read -r _answer
