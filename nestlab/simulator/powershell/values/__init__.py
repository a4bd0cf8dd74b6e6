"""Values and types of .NET and PowerShell: conversion, comparison, text."""
